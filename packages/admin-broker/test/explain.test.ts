import {type ClusterState, carryOut, encodeState, firstState, type Operation} from '@tacoplex/cluster';
import {buildFlow, Explainer, type Flow, type FrameBytes, fromExplainedMessage} from '@tacoplex/explaining';
import {type Asked, encodeReply, type Question, type Reply} from '@tacoplex/messages';
import {collectLog, HandClock, MemoryNetwork} from '@tacoplex/testkit';
import {type IpAddress, type LevelerId, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import {Broker} from '../src/broker.ts';
import {nets} from './nets.ts';

const hashKey = new Uint8Array(16).fill(0xab);
const digest = new Uint8Array(8).fill(1);
const operations: readonly Operation[] = [
  {kind: 'addServer', name: 's1', address: '10.0.1.101' as IpAddress, group: '', weight: 1},
  {kind: 'addServer', name: 's2', address: '10.0.1.102' as IpAddress, group: '', weight: 1},
  {kind: 'addService', address: '10.0.1.200' as IpAddress, protocol: 6, port: 80, group: '', affinity: 'flow'},
];
const state: ClusterState = operations.reduce(
  (before, operation, index) => {
    const result = carryOut(before, {id: String(index).padStart(32, '0'), uid: 0, operation});
    return result.kind === 'done' ? result.state : before;
  },
  firstState({
    cluster: 'demo',
    hashKey,
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version: {term: 3, leader: 1 as LevelerId, nonce: '00'.repeat(8), index: 6},
  }),
);
const macs = new Map([1, 2].map(number => [number, `02:00:00:00:00:0${number}` as MacAddress]));
const servers = [...macs].map(([number, mac]) => ({number, mac: macToBytes(mac)}));
const flow: Flow = {
  protocol: 6,
  source: '192.0.2.7' as IpAddress,
  destination: '10.0.1.200' as IpAddress,
  sourcePort: 40_001,
  destinationPort: 80,
};
const frame = buildFlow(flow);
const expected = new Explainer(state, macs).explain(frame);

type Ask = Partial<NonNullable<Question<'admin.ask'>['explain']>>;

/** A broker that has heard a state and a frame-forwarder; `decide` answers for the engine. */
const open = ({hears = true} = {}) => {
  const network = new MemoryNetwork();
  const clock = new HandClock();
  new Broker({
    bus: network.createPort('admin-broker'),
    clock,
    log: collectLog('admin-broker').log,
    software: '0.1.0',
    audit: () => {},
    nets,
    snoopedGroup: undefined,
    ownAddresses: () => [],
    commandMs: 5000,
  }).open();
  const forwarder = network.createPort('frame-forwarder');
  const asked: Asked<'forwarder.explain'>[] = [];
  if (hears) {
    network.createPort('elector').say('elector.state', {state: encodeState(state), digest});
    forwarder.say('forwarder.status', {engine: 'xdp', servers: servers.slice(0, 1)});
    network.settle();
  }

  const taco = network.createPort('taco');
  const ask = async (explain: Ask = {}) => taco.ask('admin.ask', {explain: {frames: [frame], ...explain}}, 1000);
  const decide = (reply: Reply<'forwarder.explain'>): void =>
    forwarder.answer({
      'forwarder.uninstall': async () => ({refusal: 'not here'}),
      'forwarder.explain': async question => {
        asked.push(question);
        return {engine: 'xdp', digest, servers, ...reply};
      },
    });
  return {ask, decide, asked, clock};
};

const forward = {verdict: 'forward', reason: 'forwarded', destination: macToBytes(expected.server?.mac as MacAddress)};

test('a frame is explained by the state in force, and the engine is asked with the same frame', async t => {
  const {ask, decide, asked} = open();
  decide({decisions: [forward]});

  const {explain} = await ask();

  t.is(explain?.engine, 'xdp');
  t.is(explain?.engineSilence, '');
  t.is(explain?.version?.index, 6);
  t.deepEqual(fromExplainedMessage(explain!.frames[0]!), expected);
  t.is(explain?.frames[0]?.engine?.verdict, 'forward');
  t.deepEqual(
    asked.map(({frames}) => frames.map(bytes => Uint8Array.from(bytes))),
    [[frame.bytes]],
  );
});

test('the hash key is in no answer', async t => {
  const {ask, decide} = open();
  decide({decisions: [forward]});

  t.false(Buffer.from(encodeReply('admin.ask', await ask())).includes(Buffer.from(hashKey)));
});

test("a captured frame comes to the engine under the leveler's own address, a foreign one under nobody's", async t => {
  const {ask, decide, asked} = open();
  decide({decisions: [forward, forward]});
  const captured = (last: number): FrameBytes => {
    const bytes = frame.bytes.slice();
    bytes.set([2, 0, 0, 0, 0, last]);
    return {bytes, length: bytes.length};
  };

  const {explain} = await ask({frames: [captured(7), captured(8)], ourMac: Uint8Array.of(2, 0, 0, 0, 0, 7)});

  t.deepEqual(
    explain?.frames.map(({reason}) => reason),
    ['forwarded', 'not-ours'],
  );
  t.deepEqual([...(asked[0]?.frames[0]?.subarray(0, 6) ?? [])], [0, 0, 0, 0, 0, 0]);
  t.deepEqual([...(asked[0]?.frames[1]?.subarray(0, 6) ?? [])], Array(6).fill(0xfe));
});

test('a cut frame goes to the engine whole, and gets no decision if it was cut within its headers', async t => {
  const {ask, decide, asked} = open();
  decide({decisions: [forward, forward]});

  const {explain} = await ask({
    frames: [54, 30].map(kept => ({bytes: frame.bytes.slice(0, kept), length: frame.length})),
  });

  t.deepEqual(
    explain?.frames.map(({verdict, engine}) => [verdict, engine?.verdict]),
    [
      ['forward', 'forward'],
      ['', undefined],
    ],
  );
  t.deepEqual(
    asked[0]?.frames.map(({length}) => length),
    [60, 60],
  );
});

const silences: Readonly<Record<string, {reply: Reply<'forwarder.explain'>; silence: string}>> = {
  'an engine that refuses is told with its reason': {
    reply: {refusal: 'the program is not loaded'},
    silence: 'the program is not loaded',
  },
  'an engine that follows another state is not compared': {
    reply: {digest: new Uint8Array(8), decisions: [forward]},
    silence: 'the data path does not follow this state yet',
  },
  'an engine that decides about fewer frames is not believed': {
    reply: {decisions: []},
    silence: 'frame-forwarder answered something else',
  },
};

for (const [title, {reply, silence}] of Object.entries(silences)) {
  test(title, async t => {
    const {ask, decide} = open();
    decide(reply);

    const {explain} = await ask();

    t.like(explain, {engine: '', engineSilence: silence});
    t.falsy(explain?.frames[0]?.engine);
    t.is(explain?.frames[0]?.server?.number, expected.server?.number ?? 0);
  });
}

test('without an answer of the engine the frame is explained all the same', async t => {
  const {ask} = open();

  const {explain} = await ask();

  t.is(explain?.engineSilence, 'frame-forwarder gave no answer within 10 s');
  t.is(explain?.frames[0]?.bin, expected.key?.bin ?? 0);
});

test('an engine that did not answer before is not asked again, nor is a silent frame-forwarder', async t => {
  const {ask, decide, asked, clock} = open();
  decide({decisions: [forward]});

  t.is((await ask({withoutEngine: true})).explain?.engineSilence, 'it did not answer before');
  clock.advance(5000);
  t.is((await ask()).explain?.engineSilence, 'frame-forwarder has said nothing for 5 s');
  t.is(asked.length, 0);
});

test('a broker without a state refuses', async t => {
  t.is((await open({hears: false}).ask()).refusal, 'this leveler has no cluster state yet');
});

const whole = {bytes: new Uint8Array(60), length: 60};
const unbearable: Readonly<Record<string, Ask>> = {
  'too many frames are': {frames: Array.from({length: 1025}, () => whole)},
  'too many bytes are': {frames: Array.from({length: 17}, () => ({bytes: new Uint8Array(), length: 262_144}))},
  'a frame longer than any is': {frames: [{bytes: new Uint8Array(), length: 262_145}]},
  'a frame longer than its length is': {frames: [{bytes: new Uint8Array(60), length: 59}]},
  'a MAC address of 5 bytes is': {ourMac: new Uint8Array(5)},
};

for (const [title, explain] of Object.entries(unbearable)) {
  test(`${title} refused`, async t => {
    t.regex((await open().ask(explain)).refusal, /^at most 1024 frames of 4194304 bytes/);
  });
}
