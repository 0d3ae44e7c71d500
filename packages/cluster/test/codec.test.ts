import {type IpAddress, type LevelerId, parseIp} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  applyPatch,
  type ClusterState,
  type Command,
  carryOut,
  decodeCommand,
  decodeState,
  encodeCommand,
  encodePatch,
  encodeState,
  formatService,
  fromOutlineMessage,
  isServiceName,
  type Operation,
  parseServiceName,
  toOutlineMessage,
} from '../src/index.ts';
import {change, furnished, ip, newborn, server, service, version} from './cluster-builders.ts';

const names = fc.constantFrom('a', 'b', 'c', 'd');
const groups = fc.constantFrom('', 'default', 'web');
const addresses = fc.constantFrom('10.0.1.101', '10.0.1.102', '10.0.1.103', 'fd00:b::104').map(ip);
const serviceNames = fc.record({
  address: fc.constantFrom('10.0.1.200', 'fd00:b::c8').map(ip),
  protocol: fc.constantFrom(6, 17),
  port: fc.constantFrom(0, 80, 443),
});
const affinities = fc.constantFrom('flow', 'client', 'port', 'ipid');
const weights = fc.integer({min: 0, max: 5});
const levelers = fc.integer({min: 1, max: 4}).map(id => id as LevelerId);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({kind: fc.constant('addServer'), name: names, address: addresses, group: groups, weight: weights}),
  fc.record({kind: fc.constant('removeServer'), name: names}),
  fc.record({kind: fc.constant('setWeight'), name: names, weight: weights}),
  fc
    .tuple(serviceNames, groups, affinities)
    .map(([name, group, affinity]) => ({kind: 'addService', ...name, group, affinity}) as const),
  serviceNames.map(name => ({kind: 'removeService', ...name}) as const),
  fc.record({kind: fc.constant('addGroup'), name: fc.constantFrom('web', 'mail')}),
  fc.record({kind: fc.constant('removeGroup'), name: fc.constantFrom('web', 'mail')}),
  fc.record({kind: fc.constant('addMember'), id: levelers, name: names}),
  fc.record({kind: fc.constant('removeMember'), id: levelers}),
  fc.record({kind: fc.constant('announceMember'), id: levelers, name: names}),
) as fc.Arbitrary<Operation>;
const commandIds = fc.uint8Array({minLength: 16, maxLength: 16}).map(bytes => Buffer.from(bytes).toString('hex'));
const versions = fc.record({
  term: fc.integer({min: 1, max: 2 ** 32 - 1}),
  leader: fc.integer({min: 1, max: 65_535}).map(id => id as LevelerId),
  nonce: fc.uint8Array({minLength: 8, maxLength: 8}).map(bytes => Buffer.from(bytes).toString('hex')),
  index: fc.integer({min: 1, max: 2 ** 32 - 1}),
});
const commands: fc.Arbitrary<Command> = fc.record(
  {id: commandIds, uid: fc.nat(), operation: operations, ifVersion: versions},
  {requiredKeys: ['id', 'uid', 'operation'], noNullPrototype: true},
);
const histories = fc.array(fc.tuple(commandIds, operations), {minLength: 1, maxLength: 25});
const options = {numRuns: 40};

/** Carry all out that is not refused; each makes a version. */
function live(state: ClusterState, history: readonly (readonly [string, Operation])[]): ClusterState {
  return history.reduce((current, [id, operation]) => {
    const result = carryOut(current, {id, uid: 0, operation});
    return result.kind === 'done'
      ? {...result.state, version: version(current.version.term, current.version.index + 1)}
      : current;
  }, state);
}

test('every state that commands lead to reads back from its bytes', t => {
  fc.assert(
    fc.property(histories, history => {
      const state = live(newborn(), history);

      t.deepEqual(decodeState(encodeState(state)), state);
    }),
    options,
  );
});

test('a patch makes the one state into the other', t => {
  fc.assert(
    fc.property(histories, histories, (history, more) => {
      const from = live(newborn(), history);
      const to = live(from, more);

      t.deepEqual(applyPatch(from, encodePatch(from, to)), to);
      t.deepEqual(applyPatch(to, encodePatch(to, from)), from);
    }),
    options,
  );
});

test('a patch is made between copies as between the states themselves', t => {
  const from = furnished();
  const to = change(from, server('s2', '10.0.1.103'));

  t.deepEqual(encodePatch(decodeState(encodeState(from)), to), encodePatch(from, to));
});

test('a patch is about as big as the bins that differ', t => {
  const crowd = Array.from({length: 60}, (_, index) => server(`c${index}`, `10.0.2.${index + 1}`));
  const state = crowd.reduce(change, furnished());
  const sizeOf = (operation: Operation): number => encodePatch(state, change(state, operation)).length;

  t.true(sizeOf(service('10.0.1.201')) < 400); // No bin moves
  t.true(sizeOf(server('x', '10.0.3.1')) < 400 + 6 * 1009); // One of 65 shares moves, in both columns, 3 bytes each at most
  t.true(encodePatch(newborn(), change(newborn(), server('x', '10.0.3.1'))).length < 400); // All bins, in one run
});

test('a patch fits one state only', t => {
  const from = furnished();
  const patch = encodePatch(from, change(from, server('s2', '10.0.1.103')));

  t.throws(() => applyPatch({...from, version: version(1, 99)}, patch), {instanceOf: RangeError, message: /1\.99/});
  t.throws(() => encodePatch(from, {...from, cluster: 'other'}), {instanceOf: RangeError});
});

test('bytes cut short or changed at any place never give a wrong kind of error', t => {
  const from = furnished();
  const [state, patch] = [encodeState(from), encodePatch(from, change(from, server('s2', '10.0.1.103')))];
  const command = encodeCommand({id: 'a'.repeat(32), uid: 7, operation: server('s2', '10.0.1.103')});
  fc.assert(
    fc.property(fc.nat(), fc.nat({max: 255}), fc.boolean(), (place, value, cut) => {
      const spoil = (bytes: Uint8Array): Uint8Array => {
        const at = place % bytes.length;
        return cut ? bytes.subarray(0, at) : Uint8Array.from(bytes).fill(value, at, at + 1);
      };
      for (const read of [
        () => decodeState(spoil(state)),
        () => applyPatch(from, spoil(patch)),
        () => decodeCommand(spoil(command)),
      ]) {
        try {
          read();
        } catch (error) {
          t.true(error instanceof RangeError);
        }
      }
    }),
    options,
  );
});

test('every command reads back from its bytes', t => {
  fc.assert(
    fc.property(commands, command => {
      t.deepEqual(decodeCommand(encodeCommand(command)), command);
    }),
  );
});

test('a command without an operation is none', t => {
  t.throws(() => decodeCommand(new Uint8Array()), {instanceOf: RangeError, message: /one operation/});
});

const spoilt: Readonly<Record<string, (state: ClusterState) => ClusterState>> = {
  'cluster: ': state => ({...state, cluster: 'A'}),
  'hashKey: ': state => ({...state, hashKey: new Uint8Array(8)}),
  'version: ': state => ({...state, version: {...state.version, term: 0}}),
  'members: must be 1': state => ({...state, members: []}),
  'members[1]: must come after': state => ({...state, members: [...state.members].reverse()}),
  'members[1]: leveler0 stands there twice': state => ({
    ...state,
    members: state.members.map(member => ({...member, name: 'leveler0'})),
  }),
  'groups[1]: must come after': state => ({...state, groups: [...state.groups].reverse()}),
  'groups[0].base[17]: 3 is no server of this group': state => withBin(state, 'base', 17, 3),
  'groups[0].fallback[65535]: 4711 is no server': state => withBin(state, 'fallback', 65_535, 4711),
  'servers[1]: must come after': state => ({...state, servers: [...state.servers].reverse()}),
  'servers[1]: s0 stands there twice': state => ({
    ...state,
    servers: state.servers.map(one => ({...one, name: 's0'})),
  }),
  'servers[1]: 10.0.1.101 in group 0 stands': state => ({
    ...state,
    servers: state.servers.map(one => ({...one, address: ip('10.0.1.101')})),
  }),
  'servers[0].weight: ': state => ({...state, servers: state.servers.map(one => ({...one, weight: 1001}))}),
  'servers[2].group: there is no group 1': state => ({...state, groups: state.groups.slice(0, 1)}),
  'services[0].address: belongs to a server': state => ({
    ...state,
    services: state.services.map(one => ({...one, address: ip('10.0.1.102')})),
  }),
  'services[0]: is no address': state => ({...state, services: state.services.map(one => ({...one, protocol: 1}))}),
  'nextServerNumber: ': state => ({...state, nextServerNumber: 0}),
  'outcomes[1]: ': state => ({...state, outcomes: [state.outcomes[0]!, state.outcomes[0]!]}),
};

function withBin(state: ClusterState, column: 'base' | 'fallback', bin: number, number: number): ClusterState {
  const [first, ...others] = state.groups;
  return {...state, groups: [{...first!, [column]: first![column].with(bin, number)}, ...others]};
}

for (const [path, spoil] of Object.entries(spoilt)) {
  test(`no state: ${path}`, t => {
    const error = t.throws(() => decodeState(encodeState(spoil(furnished()))), {instanceOf: RangeError});

    t.true(error?.message.startsWith(path), error?.message);
  });
}

test('bytes that say the same otherwise are no state', t => {
  const bytes = encodeState(furnished());

  t.throws(() => decodeState(Uint8Array.from([...bytes, 0x98, 0x06, 0x01])), {message: /canonical/}); // A field of its own
  t.throws(() => decodeState(Uint8Array.from([0x0a, 1, 97, ...bytes])), {message: /canonical/}); // The name twice
});

test('an outline shows neither key nor tables, and reads back', t => {
  const {cluster, version: stamped, members, groups: shown, servers, services, hashKey} = furnished();
  const message = toOutlineMessage(furnished());

  t.is(message.hashKey.length, 0);
  t.not(message.hashKey.length, hashKey.length);
  t.deepEqual(fromOutlineMessage(message), {
    cluster,
    version: stamped,
    members,
    groups: shown.map(({number, name}) => ({number, name})),
    servers,
    services,
  });
});

const readable = {
  '10.0.1.200:80': '10.0.1.200:80/tcp',
  '10.0.1.200:80/tcp': '10.0.1.200:80/tcp',
  '10.0.1.200:53/UDP': '10.0.1.200:53/udp',
  '10.0.1.200': '10.0.1.200',
  '10.0.1.200:*': '10.0.1.200',
  '10.0.1.200:0': '10.0.1.200',
  '10.0.1.200/udp': '10.0.1.200/udp',
  '10.0.1.200/any': '10.0.1.200',
  '[fd00:b::c8]:443': '[fd00:b::c8]:443/tcp',
  '[fd00:b::c8]': 'fd00:b::c8',
  'fd00:b::C8': 'fd00:b::c8',
  'fd00:b::c8/sctp': 'fd00:b::c8/sctp',
};
for (const [text, canonical] of Object.entries(readable)) {
  test(`"${text}" names the service ${canonical}`, t => {
    const name = parseServiceName(text);

    t.is(name && formatService(name), canonical);
    t.deepEqual(parseServiceName(canonical), name);
  });
}

for (const text of [
  '',
  'web',
  '10.0.1:80',
  '10.0.1.200:',
  '10.0.1.200:65536',
  '10.0.1.200:80/icmp',
  '10.0.1.200:80/any',
  '10.0.1.200:80/tcp/',
  '[10.0.1.200]:80',
  '[fd00:b::c8]443',
  '[[fd00:b::c8]]:80',
  '127.0.0.1:80',
  '10.0.1.200:80/constructor',
  '10.0.1.200:-1',
]) {
  test(`"${text}" names no service`, t => {
    t.is(parseServiceName(text), undefined);
  });
}

test('every service reads back as it is written', t => {
  const anyAddress = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .map(text => parseIp(text))
    .filter((address): address is IpAddress => address !== undefined);
  fc.assert(
    fc.property(anyAddress, fc.constantFrom(0, 6, 17, 132), fc.nat({max: 65_535}), (address, protocol, port) => {
      const name = {address, protocol, port};

      t.deepEqual(isServiceName(name) ? parseServiceName(formatService(name)) : name, name);
    }),
  );
});
