import {encodeState, firstState as firstClusterState} from '@tacoplex/cluster';
import {broadcastMac, buildArpFrame, parseArpFrame, zeroMac} from '@tacoplex/frames';
import type {Incoming} from '@tacoplex/messages';
import {collectLog, HandClock, MemoryNetwork} from '@tacoplex/testkit';
import {type LevelerId, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import {Announcer} from '../src/announcer.ts';
import {firstStateOf, ignoredOf} from '../src/first-state.ts';
import {both, claimSaid, config, ip, levIp, mac, netsOf, router, routerMac, viewOf} from './fixtures.ts';

/** Leveler 1's announcer on a bus in memory, with an elector and a broker at the other ends. */
const start = () => {
  const [clock, network] = [new HandClock(), new MemoryNetwork()];
  const {log, lines} = collectLog('arp-announcer', 'info');
  const frames: string[] = [];
  const asks: string[] = []; // In its own name
  const claims: Incoming<'announcer.claims'>[] = [];
  const statuses: Incoming<'announcer.status'>[] = [];
  const sender = (net: string) => ({
    faults: new Map([['send-network-is-down', 1]]),
    send: (frame: Uint8Array) => {
      const heard = parseArpFrame(frame, frame.length);
      const list = heard?.arp.senderIp === '10.0.0.101' || heard?.arp.senderIp === '10.0.1.1' ? asks : frames;
      list.push(`${net} ${heard?.arp.operation} ${heard?.destination} ${heard?.arp.senderIp} ${heard?.arp.targetIp}`);
      return true;
    },
  });
  const elector = network.createPort('elector');
  elector.hear({
    'announcer.probed': () => {},
    'announcer.claims': said => claims.push(said),
    'forwarder.applied': () => {},
  });
  network.createPort('admin-broker').hear({
    'elector.state': () => {},
    'elector.view': () => {},
    'announcer.status': said => statuses.push(said),
    'forwarder.status': () => {},
  });
  const announcer = new Announcer({
    first: firstStateOf(config(), netsOf()),
    world: {bus: network.createPort('arp-announcer'), clock, log},
    senders: {a: sender('a'), b: sender('b')},
  });
  announcer.start();
  const pass = (ms: number, view = both as Parameters<typeof viewOf>[1]) => {
    for (let passed = 0; passed < ms; passed += 50) {
      elector.say('elector.view', viewOf(clock.now(), view));
      network.settle();
      clock.advance(50);
      network.settle();
    }
  };

  return {announcer, clock, network, elector, frames, asks, claims, statuses, lines, pass};
};

const question = buildArpFrame({
  source: routerMac,
  destination: broadcastMac,
  arp: {operation: 'request', senderMac: routerMac, senderIp: router, targetMac: zeroMac, targetIp: levIp},
});

test('the first of the ring takes the LevIP, steals it on the wire, and says so', t => {
  const {frames, claims, statuses, lines, pass} = start();

  pass(1000);

  t.deepEqual(frames.slice(0, 3), [
    `a request ${broadcastMac} ${levIp} ${levIp}`,
    `a reply ${broadcastMac} ${levIp} ${levIp}`,
    `a request ${broadcastMac} ${levIp} ${router}`,
  ]);
  t.like(claims.at(-1)?.claims[0], {turn: 1, holding: true, releasing: false});
  t.like(statuses.at(-1)?.addresses[0], {net: 'a', holder: 1, turn: 1});
  t.deepEqual(
    lines.filter(line => line.includes(levIp)),
    [
      'arp-announcer: notice: address taken address=10.0.0.200 turn=1 reason="nobody held it"',
      'arp-announcer: info: holder changed address=10.0.0.200 holder=1 turn=1',
    ],
  );
});

test('who reaches a router says so, and says it when he does not any more', t => {
  const {announcer, asks, claims, lines, pass} = start();
  const [own] = both;
  const answer = buildArpFrame({
    source: routerMac,
    destination: own!.a,
    arp: {operation: 'reply', senderMac: routerMac, senderIp: router, targetMac: own!.a, targetIp: ip('10.0.0.101')},
  });

  pass(50);
  const unknown = claims.at(-1)?.reached;
  announcer.hearFrame('a', answer, answer.length);
  pass(50);
  const reached = claims.at(-1)?.reached;
  pass(1000);

  t.is(asks[0], `a request ${broadcastMac} 10.0.0.101 ${router}`);
  t.falsy(unknown);
  t.like(reached, {routersPlusOne: 2, serversPlusOne: 0});
  t.like(claims.at(-1)?.reached, {routersPlusOne: 1, serversPlusOne: 0});
  t.deepEqual(
    lines.filter(line => line.includes('answer')),
    [
      'arp-announcer: notice: routers answer net=a answering=1 asked=10.0.0.1',
      'arp-announcer: warn: no router answers net=a answering=0 asked=10.0.0.1',
    ],
  );
});

test('a restarted announcer says nothing of addresses before it has heard what its predecessor held', t => {
  const {clock, network, elector, claims} = start();
  const [own, other] = both;
  clock.advance(2000);
  network.settle();
  const early = claims.length;

  elector.say('elector.view', viewOf(clock.now(), [{...own!, claims: [claimSaid(7)]}, other!]));
  network.settle();

  t.is(early, 0);
  t.like(claims[0]?.claims[0], {turn: 7, holding: true});
});

test('claims and status are said each second though nothing changes', t => {
  const {claims, statuses, pass} = start();
  pass(1000);
  const [saidClaims, saidStatuses] = [claims.length, statuses.length];

  pass(5000);

  t.deepEqual([claims.length - saidClaims, statuses.length - saidStatuses], [5, 5]);
});

test('a question is answered while the elector speaks, and not when it has been silent for 650 ms', t => {
  const {announcer, clock, frames, pass} = start();
  pass(1000);
  frames.length = 0;

  announcer.hearFrame('a', question, question.length);
  clock.advance(651);
  announcer.hearFrame('a', question, question.length);

  t.deepEqual(frames, [`a reply ${routerMac} ${levIp} ${router}`]);
});

test('malformed frames are counted, and nothing else', t => {
  const {announcer, frames, statuses, pass} = start();
  pass(1000);
  frames.length = 0;

  for (let length = 0; length < 42; length++) {
    announcer.hearFrame('a', question, length);
  }

  const liar = Uint8Array.from(question);
  liar.set([2, 0, 0, 0, 0, 1], 22); // Sender MAC is not the frame's source
  announcer.hearFrame('a', liar, liar.length);
  pass(1000);

  t.deepEqual(frames, []);
  const counts = new Map(statuses.at(-1)?.counts.map(({name, value}) => [name, value]));
  t.is(counts.get('ignored-malformed'), 43);
  t.is(counts.get('send-network-is-down'), 2);
});

test('a claim with a higher turn ends the holding', t => {
  const {claims, lines, pass} = start();
  pass(1000);

  pass(100, [both[0]!, {...both[1]!, claims: [claimSaid(2)]}]);

  t.like(claims.at(-1)?.claims[0], {turn: 2, holding: false});
  t.is(lines.at(-1), 'arp-announcer: info: holder changed address=10.0.0.200 holder=2 turn=2');
});

test('a stranger on the wire is told once', t => {
  const {announcer, lines, pass} = start();
  pass(1000);
  const stranger = mac('02:00:00:00:00:66');
  const frame = buildArpFrame({
    source: stranger,
    destination: broadcastMac,
    arp: {operation: 'reply', senderMac: stranger, senderIp: levIp, targetMac: stranger, targetIp: levIp},
  });

  for (let shouts = 0; shouts < 100; shouts++) {
    announcer.hearFrame('a', frame, frame.length);
  }

  t.deepEqual(
    lines.filter(line => line.includes('duplicate')),
    ['arp-announcer: warn: duplicate announcer address=10.0.0.200 mac=02:00:00:00:00:66'],
  );
});

test('a state that does not decode is dropped with one line', t => {
  const {elector, network, lines} = start();

  elector.say('elector.state', {state: Uint8Array.of(255), digest: new Uint8Array(8)});
  network.settle();

  t.regex(lines[0] ?? '', /^arp-announcer: warn: message dropped topic=elector\.state reason=/);
});

test('a cluster state is understood', t => {
  const {elector, network, lines} = start();
  const state = firstClusterState({
    cluster: 'demo',
    hashKey: new Uint8Array(16),
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version: {term: 1, leader: 1 as LevelerId, nonce: toHex(new Uint8Array(8).fill(1)), index: 1},
  });

  elector.say('elector.state', {state: encodeState(state), digest: new Uint8Array(8)});
  network.settle();

  t.deepEqual(lines, []);
});

test('a stop waits until another holds the LevIP, and leaves a true word behind', async t => {
  const {announcer, claims, network, pass} = start();
  pass(1000);

  const stopping = announcer.stop();
  network.settle();
  t.like(claims.at(-1)?.claims[0], {holding: true, releasing: true});
  pass(50, [both[0]!, {...both[1]!, claims: [claimSaid(2)]}]);
  await stopping;
  network.settle();

  t.like(claims.at(-1)?.claims[0], {holding: false, turn: 2});
});

test('a stop that nobody follows is over after 500 ms', async t => {
  const {announcer, clock, claims, network, pass} = start();
  pass(1000);

  const stopping = announcer.stop();
  clock.advance(501);
  await stopping;
  network.settle();

  t.like(claims.at(-1)?.claims[0], {holding: false, turn: 1});
});

test('IPv6 addresses are left out and told, and do not shift the numbers of the others', t => {
  const mixed = config([ip('fd00:a::200'), levIp, ip('10.0.0.201')], [ip('10.0.1.254'), ip('fd00:b::254')]);

  t.deepEqual(
    firstStateOf(mixed, netsOf()).addresses.map(({ip: address, net, index}) => [address, net, index]),
    [
      [levIp, 'a', 0],
      [ip('10.0.0.201'), 'a', 1],
      [ip('10.0.1.254'), 'b', 0],
    ],
  );
  t.deepEqual(ignoredOf(mixed), ['fd00:a::200', 'fd00:b::254'].map(ip));
});
