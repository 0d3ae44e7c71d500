import {binCount, type LevelerId, type ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import {
  type ClusterState,
  carryOut,
  countBins,
  decodeState,
  encodePatch,
  encodeState,
  type Operation,
} from '../src/index.ts';
import {attempt, change, furnished, ip, newborn, server, service, version} from './cluster-builders.ts';

const idOf = (digit: string): string => digit.repeat(32);

test('the first server makes the default group and gets every bin', t => {
  const result = attempt(newborn(), server('s1', '10.0.1.101'));

  t.is(result.kind, 'done');
  t.deepEqual(result.kind === 'done' && result.changes, [
    'group default added',
    'server s1 (10.0.1.101) added to group default with weight 1: 65536 bins of 65536',
  ]);
});

test('the fourth of four equal servers takes a quarter', t => {
  const three = [1, 2, 3].map(index => server(`s${index}`, `10.0.1.10${index}`)).reduce(change, newborn());
  const result = attempt(three, server('s4', '10.0.1.104'));

  t.deepEqual(result.kind === 'done' && result.changes, [
    'server s4 (10.0.1.104) added to group default with weight 1: 16384 bins of 65536',
  ]);
});

test('a new weight and a removal say what they moved', t => {
  const weight = attempt(furnished(), {kind: 'setWeight', name: 's0', weight: 3});
  const removal = attempt(furnished(), {kind: 'removeServer', name: 's0'});

  t.deepEqual(weight.kind === 'done' && weight.changes, [
    'server s0 had weight 1, now 3: 16384 bins, now 32768 of 65536; 16384 bins moved',
  ]);
  t.deepEqual(removal.kind === 'done' && removal.changes, [
    'server s0 (10.0.1.101) removed from group default: 1 other took its 16384 bins',
  ]);
});

test('the version stays: the leader stamps the next one', t => {
  const before = furnished();
  const result = attempt(before, {kind: 'removeService', address: ip('10.0.1.200'), protocol: 6, port: 80});

  t.deepEqual(result.kind === 'done' && result.state.version, before.version);
  t.deepEqual(result.kind === 'done' && result.state.services, []);
});

test('a change leaves the state before it as it was', t => {
  const before = furnished();
  const [twin, table] = [structuredClone(before), before.groups[0]!.base.slice()];
  change(before, server('s2', '10.0.1.103'));

  t.deepEqual(before, twin);
  t.deepEqual(before.groups[0]!.base, table);
});

test("one group's change leaves the others' tables alone", t => {
  const before = furnished();
  const after = change(before, server('s2', '10.0.1.103'));

  t.is(after.groups[1]!.base, before.groups[1]!.base);
});

test('a server without weight, and one that is not ready, have no bins', t => {
  const state = change(furnished(), server('s2', '10.0.1.103', 0));
  const tired: ClusterState = {
    ...state,
    servers: state.servers.map(candidate => (candidate.name === 's1' ? {...candidate, state: 'draining'} : candidate)),
  };
  const after = change(tired, {kind: 'setWeight', name: 's0', weight: 2});

  t.is(countBins(after.groups[0]!.base)[1], binCount);
});

test('idle bins move first', t => {
  const command = {id: idOf('a'), uid: 0, operation: server('s2', '10.0.1.103', 4)};
  const result = carryOut(furnished(), command, (group, bin) => group === 0 && bin < 1000);

  t.true(result.kind === 'done' && result.state.groups[0]!.base.subarray(0, 1000).every(number => number === 4));
});

test('server numbers are given out in turns and only while free', t => {
  const last: ClusterState = {...newborn(), nextServerNumber: 65_535};
  const state = [server('a', '10.0.1.1'), server('b', '10.0.1.2')].reduce(change, last);
  const numbers = (cluster: ClusterState) => cluster.servers.map(({name, number}) => `${name}=${number}`);

  t.deepEqual(numbers(state), ['b=1', 'a=65535']);
  t.is(state.nextServerNumber, 2);
  t.deepEqual(numbers(change({...state, nextServerNumber: 65_535}, server('c', '10.0.1.3'))), [
    'b=1',
    'c=2',
    'a=65535',
  ]);
});

test('a number comes round again only after all others', t => {
  const state = change(furnished(), {kind: 'removeServer', name: 's0'});

  t.is(Number(change(state, server('s9', '10.0.1.109')).servers.at(-1)!.number), 4);
});

test('the same command twice takes effect once and has one answer', t => {
  const command = {id: idOf('b'), uid: 0, operation: server('s2', '10.0.1.103')};
  const first = carryOut(furnished(), command);
  const second = first.kind === 'done' ? carryOut(first.state, command) : first;

  t.is(second.kind, 'repeated');
  t.deepEqual(second.kind === 'repeated' && second.outcome.changes, first.kind === 'done' ? first.changes : []);
});

test('the last 256 outcomes are remembered', t => {
  let state = furnished();
  for (let turn = 0; turn < 260; turn++) {
    state = change(state, turn % 2 === 0 ? {kind: 'addGroup', name: 'g'} : {kind: 'removeGroup', name: 'g'});
  }

  t.is(state.outcomes.length, 256);
  t.deepEqual(state.outcomes.at(-1)?.changes, ['group g removed']);
});

test('a command for another version is refused, and names both', t => {
  const state = furnished();
  const command = {id: idOf('c'), uid: 0, operation: server('s2', '10.0.1.103')};

  t.deepEqual(carryOut(state, {...command, ifVersion: version(1, 5)}), {
    kind: 'refused',
    refusal: 'version 1.6 is in force, not 1.5',
    advice: 'look again with: taco status',
  });
  t.is(carryOut(state, {...command, ifVersion: version(1, 6)}).kind, 'done');
  t.is(carryOut(state, {...command, ifVersion: {...version(1, 6), nonce: 'f'.repeat(16)}}).kind, 'refused');
});

test('levelers join, change their names and leave', t => {
  const joined = change(newborn(), {kind: 'addMember', id: 3 as LevelerId, name: 'leveler2'});
  const renamed = change(joined, {kind: 'addMember', id: 3 as LevelerId, name: 'spare'});
  const left = change(renamed, {kind: 'removeMember', id: 1 as LevelerId});

  t.deepEqual(
    left.members.map(({id, name}) => `${id} ${name}`),
    ['2 leveler1', '3 spare'],
  );
});

const refused: readonly (readonly [operation: Operation, refusal: RegExp, advice: RegExp])[] = [
  [server('s0', '10.0.1.109'), /^there is a server s0 already \(10\.0\.1\.101\)$/, /taco server weight s0 N/],
  [server('s2', '10.0.1.109', 1, 'web'), /^there is no group web$/, /there are default, mail; .*taco group add/],
  [server('s2', '10.0.1.101'), /^10\.0\.1\.101 is server s0 of group default already$/, /taco server list/],
  [server('s2', '10.0.1.200'), /^10\.0\.1\.200 is the address of service 10\.0\.1\.200:80\/tcp$/, /own address/],
  [server('s2', '0.0.0.0'), /^0\.0\.0\.0 is no address of one machine$/, /net B/],
  [server('s2', '224.0.0.1'), /no address of one machine/, /net B/],
  [server('S2', '10.0.1.109'), /^"S2" is no name of a server$/, /a-z/],
  [server('', '10.0.1.109'), /is no name/, /a-z/],
  [server('a'.repeat(64), '10.0.1.109'), /is no name/, /63/],
  [server('s2', '10.0.1.109', 1001), /^1001 is no weight$/, /0 .* to 1000/],
  [server('s2', '10.0.1.109', 0.5), /no weight/, /whole number/],
  [{kind: 'removeServer', name: 'x'}, /^there is no server x$/, /taco server list/],
  [{kind: 'removeServer', name: '__proto__'}, /there is no server/, /taco server list/],
  [{kind: 'setWeight', name: 'x', weight: 1}, /^there is no server x$/, /taco server list/],
  [{kind: 'setWeight', name: 's0', weight: -1}, /^-1 is no weight$/, /0/],
  [service('10.0.1.200'), /^there is a service 10\.0\.1\.200:80\/tcp already$/, /taco service remove/],
  [service('10.0.1.201', 6, 80, 'web'), /^there is no group web$/, /taco group add/],
  [service('10.0.1.101'), /^10\.0\.1\.101 is the own address of server s0$/, /another address/],
  [service('10.0.1.201', 0, 80), /^port 80 needs a protocol$/, /10\.0\.1\.201:80\/tcp/],
  [service('10.0.1.201', 1, 0), /can be no service/, /tcp/],
  [service('10.0.1.201', 6, 65_536), /can be no service/, /65535/],
  [service('127.0.0.1'), /^127\.0\.0\.1 can be no service's address$/, /LevIP/],
  [
    {kind: 'removeService', address: ip('10.0.1.200'), protocol: 6, port: 81},
    /no service 10\.0\.1\.200:81\/tcp/,
    /list/,
  ],
  [{kind: 'addGroup', name: 'mail'}, /^there is a group mail already$/, /taco group list/],
  [{kind: 'addGroup', name: 'a b'}, /^"a b" is no name of a group$/, /a-z/],
  [{kind: 'removeGroup', name: 'web'}, /^there is no group web$/, /taco group add/],
  [{kind: 'removeGroup', name: 'mail'}, /^group mail has 1 server$/, /taco server remove/],
  [{kind: 'removeGroup', name: 'default'}, /^group default serves 1 service$/, /taco service remove/],
  [{kind: 'addMember', id: 1 as LevelerId, name: 'leveler0'}, /^leveler leveler0 is a member already$/, /list/],
  [{kind: 'addMember', id: 9 as LevelerId, name: 'leveler0'}, /^leveler 1 is called leveler0 already$/, /host name/],
  [{kind: 'addMember', id: 0 as LevelerId, name: 'x'}, /^0 is no number/, /65535/],
  [{kind: 'removeMember', id: 9 as LevelerId}, /^leveler 9 is no member$/, /list/],
  [{kind: 'announceMember', id: 1 as LevelerId, name: 'x'}, /^leveler 1 is a member already, called leveler0$/, /list/],
  [{kind: 'announceMember', id: 9 as LevelerId, name: 'a b'}, /^"a b" is no name of a leveler$/, /a-z/],
];

for (const [operation, refusal, advice] of refused) {
  test(`refuses ${JSON.stringify(operation)}`, t => {
    const result = attempt(furnished(), operation);

    t.is(result.kind, 'refused');
    t.regex(result.kind === 'refused' ? result.refusal : '', refusal);
    t.regex(result.kind === 'refused' ? result.advice : '', advice);
  });
}

test('a service without servers is refused, whether or not its group is there', t => {
  const withGroup = change(newborn(), {kind: 'addGroup', name: 'web'});

  t.like(attempt(withGroup, service('10.0.1.200', 6, 80, 'web')), {
    refusal: 'a service without servers: group web has none',
    advice: 'add one first: taco server add NAME ADDRESS --group web',
  });
  t.like(attempt(newborn(), service('10.0.1.200')), {refusal: 'there is no group default'});
});

test('the last server of a group that serves cannot be removed, that of another can', t => {
  const one = change(furnished(), {kind: 'removeServer', name: 's1'});

  t.like(attempt(one, {kind: 'removeServer', name: 's0'}), {
    kind: 'refused',
    refusal: 's0 is the last server of group default, which serves 10.0.1.200:80/tcp',
  });
  t.deepEqual(change(one, {kind: 'removeServer', name: 'm0'}).groups[1]!.base, new Uint16Array(binCount));
});

test('the only leveler cannot be removed', t => {
  const one = change(newborn(), {kind: 'removeMember', id: 1 as LevelerId});

  t.like(attempt(one, {kind: 'removeMember', id: 2 as LevelerId}), {refusal: 'leveler1 is the only leveler'});
});

test('the last server with a weight of a group that serves keeps it', t => {
  const idle = change(furnished(), {kind: 'setWeight', name: 's1', weight: 0});

  t.like(attempt(idle, {kind: 'setWeight', name: 's0', weight: 0}), {
    kind: 'refused',
    refusal: 's0 is the last server of group default with a weight, and the group serves 10.0.1.200:80/tcp',
  });
  t.like(attempt(idle, {kind: 'removeServer', name: 's0'}), {kind: 'refused'});
  t.is(attempt(idle, {kind: 'removeServer', name: 's1'}).kind, 'done', 'it gets nothing anyway');
  t.is(attempt(furnished(), {kind: 'setWeight', name: 'm0', weight: 0}).kind, 'done', 'its group serves nothing');
});

const leveler3 = {id: 3 as LevelerId, name: 'leveler2'};

test('a leveler that was removed is not admitted until an operator lifts that', t => {
  const joined = change(newborn(), {kind: 'addMember', ...leveler3});
  const removed = change(joined, {kind: 'removeMember', id: leveler3.id});

  t.deepEqual(removed.outsiders, [{...leveler3, removed: true}]);
  t.like(attempt(removed, {kind: 'addMember', ...leveler3}), {
    refusal: 'leveler leveler2 was removed by an operator',
    advice: 'to let it in again: taco leveler add leveler2',
  });
  t.like(attempt(removed, {kind: 'removeMember', id: leveler3.id}), {refusal: 'leveler leveler2 was removed already'});
  const lifted = change(removed, {kind: 'announceMember', ...leveler3});
  t.deepEqual(lifted.outsiders, []);
  t.deepEqual(change(lifted, {kind: 'addMember', ...leveler3}).members, joined.members);
});

test('a leveler that is announced does not count before it has joined, and can be forgotten', t => {
  const announced = change(newborn(), {kind: 'announceMember', ...leveler3});

  t.deepEqual([announced.members, announced.outsiders], [newborn().members, [{...leveler3, removed: false}]]);
  t.like(attempt(announced, {kind: 'announceMember', ...leveler3}), {
    refusal: 'leveler leveler2 is announced already, as 3',
  });
  t.like(attempt(announced, {kind: 'addMember', id: 9 as LevelerId, name: 'leveler2'}), {
    refusal: 'leveler leveler2 is announced as 3, and 9 calls itself so',
  });
  t.deepEqual(change(announced, {kind: 'addMember', ...leveler3}).outsiders, []);
  t.deepEqual(change(announced, {kind: 'removeMember', id: leveler3.id}).outsiders, []);
});

test('of more removed levelers than are remembered, one is forgotten', t => {
  let state = newborn();
  for (let id = 3; id < 3 + 65; id++) {
    state = change(state, {kind: 'addMember', id: id as LevelerId, name: `leveler${id}`});
    state = change(state, {kind: 'removeMember', id: id as LevelerId});
  }

  t.is(state.outsiders.length, 64);
});

test('who gives members up begins a line of states of its own, which is read back as it was written', t => {
  const left = change(newborn(), {kind: 'giveUpMembers', ids: [1 as LevelerId, 1 as LevelerId]});

  t.deepEqual(
    left.members.map(({id}) => id),
    [2 as LevelerId],
  );
  t.is(left.forks, 1);
  t.regex(left.fork, /^[0-9a-f]{32}$/);
  t.deepEqual(decodeState(encodeState(left)), left);
  t.throws(() => encodePatch(newborn(), left), {instanceOf: RangeError});
});

for (const ids of [[], [9], [1, 2]] as const) {
  test(`levelers ${ids.join(' and ')} cannot be given up of 1 and 2`, t => {
    t.is(attempt(newborn(), {kind: 'giveUpMembers', ids: ids.map(id => id as LevelerId)}).kind, 'refused');
  });
}

test('what is full takes no more', t => {
  const state = furnished();
  const [first] = state.servers;
  const crowd = Array.from({length: 1000}, (_, index) => ({
    ...first!,
    number: (index + 1) as ServerNumber,
    name: `s${index}`,
    address: ip(`10.9.${index >> 8}.${index & 255}`),
  }));
  const services = Array.from({length: 1024}, (_, port) => ({...state.services[0]!, port: port + 1}));
  const members = Array.from({length: 64}, (_, index) => ({id: (index + 1) as LevelerId, name: `l${index}`}));
  const groups = Array.from({length: 14}, (_, index): Operation => ({kind: 'addGroup', name: `g${index}`}));

  t.like(attempt({...state, servers: crowd}, server('x', '10.0.1.109')), {kind: 'refused'});
  t.like(attempt({...state, services}, service('10.0.1.201')), {kind: 'refused'});
  t.like(attempt({...state, members}, {kind: 'addMember', id: 99 as LevelerId, name: 'x'}), {kind: 'refused'});
  t.like(attempt(groups.reduce(change, state), {kind: 'addGroup', name: 'x'}), {kind: 'refused'});
});
