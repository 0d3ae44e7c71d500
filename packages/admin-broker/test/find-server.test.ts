import {WorldError} from '@tacoplex/errors';
import {type Answer, type Asked, decodeQuestion, encodeQuestion} from '@tacoplex/messages';
import {ipToBytes, macToBytes, parseMac} from '@tacoplex/vocabulary';
import test from 'ava';
import type {Command} from '../src/describe-command.ts';
import {type Finding, findServer} from '../src/find-server.ts';
import {ip, nets} from './nets.ts';

const macBytes = (text: string) => macToBytes(parseMac(text)!);
const server = (text: string): Command =>
  decodeQuestion(
    'elector.command',
    encodeQuestion('elector.command', {command: {addServer: {name: 's9', address: ipToBytes(ip(text)), weight: 1}}}),
  ).command!;

const view = decodePeers();
function decodePeers(): Finding['peers'] {
  const peer = (id: number, name: string) => ({id, name, netBMac: macBytes(`02:00:00:00:0b:0${id}`)}) as unknown;
  return [peer(1, 'leveler0'), peer(2, ''), {id: 3, name: 'silent', netBMac: new Uint8Array()}] as Finding['peers'];
}

const find = async (command: Command, answer: Partial<Answer<'announcer.find'>> | Error) => {
  const asked: Asked<'announcer.find'>[] = [];
  const found = await findServer(command, {
    netB: nets.netB,
    peers: view,
    ask: async question => {
      asked.push(question as Asked<'announcer.find'>);
      if (answer instanceof Error) {
        throw answer;
      }

      return {refusal: '', mac: new Uint8Array(), ...answer};
    },
  });
  return {found, asked};
};

test('a server that answers is added', async t => {
  const {found, asked} = await find(server('10.0.1.150'), {mac: macBytes('02:00:00:00:01:50')});

  t.is(found, undefined);
  t.deepEqual(
    asked.map(({address}) => [...address]),
    [[10, 0, 1, 150]],
  );
});

for (const [what, address, answer, refusal, advice] of [
  [
    'nobody answers',
    '10.0.1.150',
    {},
    /^10\.0\.1\.150 does not answer ARP on net B \(10\.0\.1\.0\/24, /,
    /ping.* --force$/,
  ],
  [
    'the net is down',
    '10.0.1.150',
    {refusal: 'net B of this leveler carries nothing'},
    /^10\.0\.1\.150 cannot be looked for: net B/,
    /^ask another leveler; .* --force$/,
  ],
  [
    'the announcer is silent',
    '10.0.1.150',
    new WorldError('no answer', {code: 'NO_ANSWER', endpoint: 'announcer.find'}),
    /cannot be looked for: the arp-announcer of this machine/,
    /^ask another leveler/,
  ],
  [
    'a leveler answers',
    '10.0.1.150',
    {mac: macBytes('02:00:00:00:0b:01')},
    /^for 10\.0\.1\.150 leveler leveler0 answers \(02:00:00:00:0b:01\)$/,
    /own address on net B: taco server add NAME ADDRESS$/,
  ],
  ['a leveler without a name answers', '10.0.1.150', {mac: macBytes('02:00:00:00:0b:02')}, /leveler 2 answers/, /own/],
] as const) {
  test(`if ${what}, that is the reason`, async t => {
    const {found} = await find(server(address), answer);

    t.regex(found?.refusal ?? '', refusal);
    t.regex(found?.advice ?? '', advice);
  });
}

test('an IPv6 address cannot be asked for', async t => {
  const {found, asked} = await find(server('fd00:b::101'), {});

  t.regex(found?.refusal ?? '', /^fd00:b::101 cannot be looked for: levelers find servers by ARP/);
  t.deepEqual(asked, []);
});

test('nobody is asked for an address of no host, nor for another command', async t => {
  const removal = decodeQuestion(
    'elector.command',
    encodeQuestion('elector.command', {command: {removeServer: {name: 's9'}}}),
  ).command!;

  for (const command of [server('127.0.0.1'), removal]) {
    t.deepEqual(await find(command, {}), {found: undefined, asked: []});
  }
});

test('a bug is no answer', async t => {
  await t.throwsAsync(find(server('10.0.1.150'), new TypeError('bug')), {instanceOf: TypeError});
});
