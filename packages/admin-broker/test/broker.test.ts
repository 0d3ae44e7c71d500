import type {Bus} from '@tacoplex/bus';
import {tacoplex} from '@tacoplex/messages';
import {collectLog, HandClock, MemoryNetwork} from '@tacoplex/testkit';
import test from 'ava';
import type {AuditEntry} from '../src/audit.ts';
import {Broker} from '../src/broker.ts';
import {ip, nets} from './nets.ts';

const {ClusterState, ServerState} = tacoplex.state.v1;
const version = (index: number) => ({term: 3, leader: 1, nonce: new Uint8Array(8), index});
const digest = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Half of the bins to server 1, a quarter to server 2, the rest to nobody. */
const base = () => {
  const table = new Uint8Array(131_072);
  for (let bin = 0; bin < 49_152; bin++) {
    table[2 * bin] = bin < 32_768 ? 1 : 2;
  }

  return table;
};

const stateBytes = (index = 6): Uint8Array =>
  ClusterState.encode({
    cluster: 'demo',
    version: version(index),
    hashKey: new Uint8Array(16).fill(9),
    members: [{id: 1, name: 'leveler0'}],
    groups: [{number: 0, name: 'default', base: base(), fallback: base()}],
    servers: [
      {number: 1, name: 's1', address: Uint8Array.of(10, 0, 1, 101), weight: 2, state: ServerState.READY},
      {number: 2, name: 's2', address: Uint8Array.of(10, 0, 1, 102), weight: 1, state: ServerState.READY},
    ],
    outcomes: [{command: new Uint8Array(16), refusal: 'no'}],
    nextServerNumber: 3,
  }).finish();

const addServer = {
  id: new Uint8Array(16).fill(7),
  uid: 1000,
  addServer: {name: 's3', address: Uint8Array.of(10, 0, 1, 103), weight: 1},
};

/** A broker alone on a bus in memory, and taco to ask it; the others come as each test wants. */
const openBroker = () => {
  const network = new MemoryNetwork();
  const clock = new HandClock();
  const {log, lines} = collectLog('admin-broker', 'notice');
  const audited: AuditEntry[] = [];
  const audit = (entry: AuditEntry) => void audited.push(entry);
  new Broker({
    bus: network.createPort('admin-broker'),
    clock,
    log,
    audit,
    software: '0.1.0',
    nets,
    snoopedGroup: undefined,
    ownAddresses: () => [ip('192.0.2.50')],
    commandMs: 5000,
  }).open();
  const taco = network.createPort('taco');
  const askStatus = async () => (await taco.ask('admin.ask', {status: {}}, 1000)).status!;
  network.createPort('arp-announcer').answer({
    'announcer.find': async ({address}) => ({mac: address[3] === 150 ? undefined : Uint8Array.of(2, 0, 0, 0, 0, 3)}),
  });
  const startElector = (): Bus<'elector'> => {
    const elector = network.createPort('elector');
    elector.say('elector.view', {self: 1, term: 3, leader: 1});
    elector.say('elector.state', {state: stateBytes(), digest});
    network.settle();
    return elector;
  };

  return {network, clock, lines, audited, taco, askStatus, startElector};
};

test('a broker that has heard nobody answers, and says so', async t => {
  const {clock, askStatus} = openBroker();
  clock.advance(60_000);

  const status = await askStatus();

  t.is(status.software, '0.1.0');
  t.is(status.cluster, '');
  t.falsy(status.view ?? status.forwarder ?? status.announcer ?? status.state);
  t.deepEqual(
    status.processes.map(({name, silenceMs}) => [name, silenceMs]),
    [
      ['elector', 4_294_967_295],
      ['frame-forwarder', 4_294_967_295],
      ['arp-announcer', 4_294_967_295],
      ['admin-broker', 0],
    ],
  );
});

test('what a process said last is told for as long as it is silent, with the time since', async t => {
  const {network, clock, askStatus, startElector} = openBroker();
  startElector();
  network.createPort('frame-forwarder').say('forwarder.status', {engine: 'cap'});
  network.settle();
  clock.advance(2500);

  const status = await askStatus();

  t.is(status.forwarder?.engine, 'cap');
  t.is(status.view?.term, 3);
  t.deepEqual(
    status.processes.map(({silenceMs}) => silenceMs),
    [2500, 2500, 4_294_967_295, 0],
  );
});

test('the keys that prove ARP are for the arp-announcer alone', async t => {
  const {network, askStatus, startElector} = openBroker();
  startElector().say('elector.view', {self: 1, term: 3, leader: 1, arpKeys: [new Uint8Array(32).fill(7)]});
  network.settle();

  const {view} = await askStatus();

  t.is(view?.term, 3);
  t.deepEqual(view?.arpKeys, []);
});

test('the status has the state without its key, its tables and its outcomes, but with the bins of each server', async t => {
  const {askStatus, startElector} = openBroker();
  startElector();

  const {state, bins, cluster, digest: told} = await askStatus();

  t.is(cluster, 'demo');
  t.deepEqual([...told], [...digest]);
  t.is(state?.hashKey.length, 0);
  t.is(state?.groups[0]?.base.length, 0);
  t.is(state?.outcomes.length, 0);
  t.deepEqual(
    bins.map(({number, bins: count}) => [number, count]),
    [
      [1, 32_768],
      [2, 16_384],
    ],
  );
});

test('a state that does not decode is dropped with one line, and the one before stays', async t => {
  const {network, lines, askStatus, startElector} = openBroker();
  startElector().say('elector.state', {state: Uint8Array.of(0xff), digest});
  network.settle();

  const {state} = await askStatus();

  t.is(state?.version?.index, 6);
  t.is(lines.length, 1);
  t.regex(lines[0]!, /^admin-broker: warn: state dropped reason=/);
});

test('the table of a group comes with the servers of that group', async t => {
  const {taco, startElector} = openBroker();
  startElector();

  const {table} = await taco.ask('admin.ask', {table: {group: 'default'}}, 1000);

  t.is(table?.groups[0]?.base.length, 131_072);
  t.deepEqual(
    table?.servers.map(({name}) => name),
    ['s1', 's2'],
  );
});

test('the table of a group that does not exist is refused', async t => {
  const {taco, startElector} = openBroker();
  startElector();

  const {refusal, advice, answer} = await taco.ask('admin.ask', {table: {group: 'web'}}, 1000);

  t.is(refusal, 'there is no group web');
  t.is(advice, 'taco group list shows the groups there are');
  t.is(answer, undefined);
});

test('a change goes to the elector, and leaves a line that says who, what, from where to where', async t => {
  const {audited, lines, taco, startElector} = openBroker();
  const asked: number[] = [];
  startElector().answer({
    'elector.leave': async () => ({}),
    'elector.command': async ({command}) => {
      asked.push(command?.uid ?? 0);
      return {changes: ['server s3 added'], version: version(7), applied: [1]};
    },
  });

  const {refusal, command} = await taco.ask('admin.ask', {command: addServer}, 1000);

  t.is(refusal, '');
  t.deepEqual(command?.changes, ['server s3 added']);
  t.deepEqual(asked, [1000]);
  t.deepEqual(lines, [
    'admin-broker: notice: change made by=uid:1000 command="add server s3 10.0.1.103 weight=1" from=3.6 to=3.7',
  ]);
  t.deepEqual(audited, [{uid: 1000, command: 'add server s3 10.0.1.103 weight=1', from: '3.6', to: '3.7'}]);
});

test('a refusal of the elector reaches whoever asked, and the log', async t => {
  const {audited, lines, taco, startElector} = openBroker();
  startElector().answer({
    'elector.leave': async () => ({}),
    'elector.command': async () => ({refusal: 'there is a server s3 already', advice: 'taco server list'}),
  });

  const {refusal, advice} = await taco.ask('admin.ask', {command: addServer}, 1000);

  t.is(refusal, 'there is a server s3 already');
  t.is(advice, 'taco server list');
  t.regex(lines[0]!, /notice: change refused by=uid:1000 .* from=3\.6 reason="there is a server s3 already"$/);
  t.like(audited, {length: 1, 0: {from: '3.6', to: '3.6', refused: 'there is a server s3 already'}});
});

test('a change whose address cannot be is refused before the elector hears of it, and recorded', async t => {
  const {audited, lines, taco, startElector} = openBroker();
  startElector(); // Answers no command
  const server = {...addServer, addServer: {name: 's3', address: Uint8Array.of(10, 0, 1, 1), weight: 1}};

  const {refusal, advice} = await taco.ask('admin.ask', {command: server, force: true}, 1000);

  t.is(refusal, '10.0.1.1 is the own address of leveler leveler0, and --force does not change that');
  t.is(advice, "give the server's own address on net B: taco server add NAME ADDRESS");
  t.regex(lines[0]!, /notice: change refused by=uid:1000 command="add server s3 10\.0\.1\.1 weight=1 force"/);
  t.like(audited, {length: 1, 0: {command: 'add server s3 10.0.1.1 weight=1 force', refused: refusal}});
});

test('a server that does not answer gets no bins unless it is forced', async t => {
  const {audited, taco, startElector} = openBroker();
  startElector().answer({
    'elector.leave': async () => ({}),
    'elector.command': async () => ({changes: ['server s3 added'], version: version(7), applied: [1]}),
  });
  const command = {...addServer, addServer: {name: 's3', address: Uint8Array.of(10, 0, 1, 150), weight: 1}};

  const refused = await taco.ask('admin.ask', {command}, 1000);
  const forced = await taco.ask('admin.ask', {command, force: true}, 1000);

  t.regex(refused.refusal, /^10\.0\.1\.150 does not answer ARP on net B/);
  t.deepEqual(forced.command?.changes, ['server s3 added']);
  t.deepEqual(
    audited.map(({command: words, refused: why}) => [words, why]),
    [
      ['add server s3 10.0.1.150 weight=1', refused.refusal],
      ['add server s3 10.0.1.150 weight=1 force', undefined],
    ],
  );
});

test('a change whose address is in doubt reaches the elector when it is forced', async t => {
  const {taco, startElector} = openBroker();
  startElector().answer({
    'elector.leave': async () => ({}),
    'elector.command': async () => ({changes: ['server s3 added'], version: version(7), applied: [1]}),
  });
  const command = {...addServer, addServer: {name: 's3', address: Uint8Array.of(10, 0, 9, 1), weight: 1}};

  const refused = await taco.ask('admin.ask', {command}, 1000);
  const forced = await taco.ask('admin.ask', {command, force: true}, 1000);

  t.regex(refused.refusal, /^10\.0\.9\.1 is outside net B/);
  t.regex(refused.advice, /the same with --force$/);
  t.deepEqual(forced.command?.changes, ['server s3 added']);
});

test('a change is refused at once when the elector is silent', async t => {
  const {clock, taco, startElector} = openBroker();
  startElector();
  clock.advance(1001);

  const {refusal, advice} = await taco.ask('admin.ask', {command: addServer}, 1000);

  t.is(refusal, 'the elector of this leveler is silent: nothing can be changed from here');
  t.regex(advice, /taco logs elector/);
});

test('a change that the elector does not answer is told as that, with the doubt that remains', async t => {
  const {taco, startElector} = openBroker();
  startElector();

  const {refusal, advice} = await taco.ask('admin.ask', {command: addServer}, 1000);

  t.is(refusal, 'the elector gave no answer within 5 s');
  t.regex(advice, /taco status before you repeat it/);
});

test('a drain goes to the elector and then to the frame-forwarder, and leaves a line', async t => {
  const {network, clock, lines, taco, startElector} = openBroker();
  const elector = startElector();
  elector.say('elector.view', {self: 1, peers: [{id: 1, name: 'leveler0'}]});
  elector.answer({'elector.command': async () => ({}), 'elector.leave': async () => ({})});
  const forwarder = network.createPort('frame-forwarder');
  forwarder.say('forwarder.status', {engine: 'xdp'});
  forwarder.answer({
    'forwarder.explain': async () => ({}),
    'forwarder.uninstall': async () => ({engine: 'xdp', interface: 'eth0'}),
  });
  network.settle();

  const answer = taco.ask('admin.ask', {drain: {name: 'leveler0', uninstall: true, uid: 1000}}, 1000);
  await new Promise(resolve => setImmediate(resolve)); // It waits for the neighbours now
  clock.advance(300);

  t.like((await answer).drain, {name: 'leveler0', uninstalled: {engine: 'xdp', interface: 'eth0'}});
  t.deepEqual(lines, ['admin-broker: notice: leveler drained by=uid:1000 leveler=leveler0 uninstall=true force=false']);
});

test('a drain is refused at once when the elector is silent, and that leaves a line too', async t => {
  const {lines, taco} = openBroker();

  const {refusal} = await taco.ask('admin.ask', {drain: {}}, 1000);

  t.is(refusal, 'the elector of this leveler is silent: it cannot say that it leaves');
  t.regex(lines[0]!, /notice: drain refused by=uid:0 leveler="" uninstall=false force=false reason=/);
});

const strange = {
  'no question at all': {},
  'a command without an operation': {command: {id: new Uint8Array(16)}},
  'a command without an id': {command: {addGroup: {name: 'web'}}},
  'an address of three bytes': {command: {...addServer, addServer: {name: 's3', address: Uint8Array.of(1, 2, 3)}}},
};
for (const [title, question] of Object.entries(strange)) {
  test(`${title} is refused, and leaves a line`, async t => {
    const {lines, taco, startElector} = openBroker();
    startElector();

    const {refusal, answer} = await taco.ask('admin.ask', question, 1000);

    t.is(refusal, 'admin-broker 0.1.0 does not know this question');
    t.is(answer, undefined);
    t.is(lines.length, 1);
  });
}
