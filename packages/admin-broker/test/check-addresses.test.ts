import {type Asked, decodeQuestion, encodeQuestion, type Question} from '@tacoplex/messages';
import {ipFromBytes, ipToBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {checkAddresses, type KnownNetwork} from '../src/check-addresses.ts';
import type {Command} from '../src/describe-command.ts';
import {ip, nets} from './nets.ts';

const known: KnownNetwork = {
  ...nets,
  levelers: [
    {name: 'leveler0', isWitness: false, addresses: [ip('10.0.0.101'), ip('10.0.1.1'), ip('192.0.2.50')]},
    {name: '', isWitness: false, addresses: [ip('10.0.1.2')]},
    {name: 'witness0', isWitness: true, addresses: [ip('10.0.1.7')]},
  ],
};

const decoded = (operation: NonNullable<Question<'elector.command'>['command']>): Command => {
  const asked: Asked<'elector.command'> = decodeQuestion(
    'elector.command',
    encodeQuestion('elector.command', {command: operation}),
  );
  return asked.command!;
};
const server = (text: string) => decoded({addServer: {name: 's9', address: ipToBytes(ip(text)), weight: 1}});
const service = (text: string) => decoded({addService: {address: ipToBytes(ip(text)), protocol: 6, port: 80}});
const leveler = (id: number) => decoded({announceMember: {id, name: 'leveler9'}});

const never = [
  ['a server', server('10.0.1.1'), '10.0.1.1 is the own address of leveler leveler0'],
  ['a server', server('10.0.0.101'), '10.0.0.101 is the own address of leveler leveler0'],
  ['a server', server('10.0.1.2'), "10.0.1.2 is a leveler's own address"],
  ['a server', server('10.0.1.9'), "10.0.1.9 is a leveler's own address on net B"],
  ['a server', server('10.0.1.254'), '10.0.1.254 is a gateway on net B'],
  ['a server', server('fd00:b::254'), 'fd00:b::254 is a gateway on net B'],
  ['a server', server('10.0.0.200'), '10.0.0.200 is a LevIP'],
  ['a server', server('10.0.0.1'), '10.0.0.1 is a router on net A'],
  ['a server', server('10.0.1.0'), '10.0.1.0 is the network address of net B (10.0.1.0/24)'],
  ['a server', server('10.0.1.255'), '10.0.1.255 is the broadcast address of net B (10.0.1.0/24)'],
  ['a server', server('fd00:b::'), 'fd00:b:: is the network address of net B (fd00:b::/64)'],
  ['a service', service('10.0.1.254'), '10.0.1.254 is a gateway on net B'],
  ['a service', service('10.0.0.1'), '10.0.0.1 is a router on net A'],
  ['a service', service('10.0.1.1'), '10.0.1.1 is the own address of leveler leveler0'],
  ['a service', service('192.0.2.50'), '192.0.2.50 is the own address of leveler leveler0'],
  ['a service', service('10.0.1.7'), '10.0.1.7 is the own address of witness witness0'],
  ['a service', service('10.0.0.255'), '10.0.0.255 is the broadcast address of net A (10.0.0.0/24)'],
  ['a leveler', leveler(254), '10.0.1.254 is a gateway on net B'],
  ['a leveler', leveler(255), '10.0.1.255 is the broadcast address of net B (10.0.1.0/24)'],
  ['a leveler', leveler(261), '10.0.2.5 is outside net B (10.0.1.0/24, fd00:b::/64)'],
] as const;

for (const [what, command, refusal] of never) {
  test(`no force makes ${what} of it: ${refusal}`, t => {
    const plain = checkAddresses(command, known, false);
    const forced = checkAddresses(command, known, true);

    t.is(plain?.refusal, refusal);
    t.regex(plain?.advice ?? '', /own.*: taco (server|service|leveler) add [A-Z]/);
    t.notRegex(plain?.advice ?? '', /--force/);
    t.is(forced?.refusal, `${refusal}, and --force does not change that`);
  });
}

const inDoubt = [
  ['a server', server('10.0.2.7'), '10.0.2.7 is outside net B (10.0.1.0/24, fd00:b::/64)', 'if it answers ARP'],
  ['a server', server('2001:db8::7'), '2001:db8::7 is outside net B (10.0.1.0/24, fd00:b::/64)', 'if it answers ARP'],
  ['a server', server('10.0.1.7'), '10.0.1.7 is the own address of witness witness0', 'if that machine is'],
  ['a service', service('10.0.0.200'), '10.0.0.200 is a LevIP', 'if clients are'],
] as const;

for (const [what, command, refusal, doubt] of inDoubt) {
  test(`force makes ${what} of it: ${refusal}`, t => {
    const plain = checkAddresses(command, known, false);

    t.is(plain?.refusal, refusal);
    t.true(plain?.advice.includes(`; ${doubt}`), plain?.advice);
    t.true(plain?.advice.endsWith(': the same with --force'), plain?.advice);
    t.is(checkAddresses(command, known, true), undefined);
  });
}

const free: readonly (readonly [what: string, command: Command])[] = [
  ['a server on net B', server('10.0.1.101')],
  ['a server on net B by IPv6', server('fd00:b::101')],
  ['a service on net B', service('10.0.1.200')],
  ['a service on no net of ours', service('203.0.113.10')],
  ['a leveler that is announced', leveler(4)],
  ['an address of no host, which the leader refuses', server('127.0.0.1')],
  ['a command without an address', decoded({setWeight: {name: 's9', weight: 2}})],
  ['a removal, whatever the address', decoded({removeService: {address: Uint8Array.of(10, 0, 1, 254)}})],
];

for (const [what, command] of free) {
  test(`nothing speaks against ${what}`, t => {
    t.is(checkAddresses(command, known, false), undefined);
  });
}

test('of net B a server may have what is neither an end of it nor somebody else, and force takes nothing away', t => {
  const taken = new Set([0, 1, 2, 7, 9, 254, 255]);
  fc.assert(
    fc.property(fc.nat(255), fc.boolean(), fc.boolean(), (host, isServer, isForced) => {
      const command = (isServer ? server : service)(ipFromBytes(Uint8Array.of(10, 0, 1, host)));
      const isForcedWitness = isServer && isForced && host === 7;

      t.is(checkAddresses(command, known, isForced) !== undefined, taken.has(host) && !isForcedWitness);
    }),
  );
});
