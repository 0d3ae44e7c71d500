import {type ClusterState, carryOut, encodeState, firstState, type Operation, withVersion} from '@tacoplex/cluster';
import {versionOf} from '@tacoplex/leveling';
import type {Incoming} from '@tacoplex/messages';
import {collectLog, HandClock, MemoryNetwork} from '@tacoplex/testkit';
import {type IpAddress, type LevelerId, type MacAddress, parseSubnet, type Subnet} from '@tacoplex/vocabulary';
import {BusSide} from '../src/bus-side.ts';
import {CapEngine} from '../src/cap-engine.ts';
import type {Engine} from '../src/engine.ts';
import {ImageReader} from '../src/image-pair.ts';
import {NeighbourBoard} from '../src/neighbour-board.ts';
import {createSharedMemory, type SharedMemory} from '../src/shared-memory.ts';
import type {FromBus, Port} from '../src/thread-messages.ts';

export const mac = (last: number): MacAddress => `02:00:00:00:00:0${last}` as MacAddress;
export const port = (name: string, isOpen = true): Port => ({
  name,
  index: 2,
  mac: mac(9),
  isOpen,
  why: isOpen ? '' : 'is down',
});

export const addServer = (number: number): Operation => ({
  kind: 'addServer',
  name: `server${number}`,
  address: `10.0.1.10${number}` as IpAddress,
  group: '',
  weight: 1,
});
export const addWeb: Operation = {
  kind: 'addService',
  address: '10.0.1.200' as IpAddress,
  protocol: 6,
  port: 80,
  group: '',
  affinity: 'flow',
};

export const stateOf = (index: number, ...operations: Operation[]): ClusterState => {
  const version = {term: 1, leader: 1 as LevelerId, nonce: '00000000000000aa', index};
  const members = [{id: 1 as LevelerId, name: 'leveler0'}];
  const empty = firstState({cluster: 'demo', hashKey: new Uint8Array(16), members, version});
  return operations.reduce((state, operation, number) => {
    const result = carryOut(state, {id: number.toString(16).padStart(32, '0'), uid: 0, operation});
    return result.kind === 'done' ? withVersion(result.state, version) : state;
  }, empty);
};

/** The bus's half of a forwarder whose other half is this test. */
export const startSide = (createEngine = (memory: SharedMemory): Engine => new CapEngine(memory, 'test')) => {
  const [clock, network] = [new HandClock(), new MemoryNetwork()];
  const {log, lines} = collectLog('frame-forwarder', 'notice');
  const memory = createSharedMemory();
  const [posted, rulesets, applied, gone] = [[] as FromBus[], [] as string[], [] as number[], [] as boolean[]];
  const whyNot: string[] = [];
  const seen: {status: Incoming<'forwarder.status'> | undefined} = {status: undefined};
  const gate = {release: (): void => {}, isSlow: false};
  const [elector, broker] = [network.createPort('elector'), network.createPort('admin-broker')];
  elector.hear({
    'announcer.probed': () => {},
    'announcer.claims': () => {},
    'forwarder.applied': ({version, uninstalled, notCarryingBecause}) => {
      whyNot.push(notCarryingBecause);
      const isNew = version !== undefined && version?.index !== applied.at(-1);
      if (isNew || (uninstalled && gone.at(-1) !== true)) {
        applied.push(version?.index ?? 0);
        gone.push(uninstalled);
      }
    },
  });
  broker.hear({
    'elector.state': () => {},
    'elector.view': () => {},
    'announcer.status': () => {},
    'forwarder.status': status => {
      seen.status = status;
    },
  });
  const side = new BusSide({
    engine: createEngine(memory),
    board: new NeighbourBoard(memory.board),
    leaseMs: 2000,
    gateways: ['10.0.1.1' as IpAddress],
    subnetB: parseSubnet('10.0.1.0/24') as Subnet,
    bus: network.createPort('frame-forwarder'),
    clock,
    log,
    gate: {
      async apply(ruleset) {
        rulesets.push(ruleset);
        await new Promise<void>(resolve => {
          gate.release = resolve;
          if (!gate.isSlow) {
            resolve();
          }
        });
      },
      async remove() {
        rulesets.push('');
      },
    },
    post: message => posted.push(message),
  });
  /** Time passes, in small steps, and promises get their turn. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 2) {
      clock.advance(2);
      network.settle();
      await Promise.resolve();
    }

    network.settle();
  };
  const say = (state: ClusterState): void => {
    elector.say('elector.state', {state: encodeState(state), digest: Uint8Array.of(1, 2, 3)});
    network.settle();
  };
  const allow = (mayForward: boolean, members: readonly number[] = [1, 2]): void => {
    const peers = members.map(id => ({id, member: true}));
    elector.say('elector.view', {mayForward, leaseFromMs: clock.now(), self: 1, peers});
    network.settle();
  };
  return {
    askUninstall: async () => broker.ask('forwarder.uninstall', {}, 1000),
    ...{side, memory, posted, rulesets, applied, gone, whyNot, seen, gate, lines, pass, say, allow, clock},
    board: new NeighbourBoard(memory.board),
    imageIndex: () => versionOf(new ImageReader(memory.images).enter()).index,
  };
};
