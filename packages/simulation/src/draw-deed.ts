import {type Net, nets} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import type {Chance} from './chance.ts';
import type {Weather} from './network.ts';
import {id} from './toy-content.ts';
import type {KeyStep} from './toy-keys.ts';

type Way = {readonly net: Net; readonly from: LevelerId; readonly to: LevelerId};

/** One thing that happens to a cluster. Complete in itself, so that others may be left out when a failure is shortened. */
export type Deed = {readonly afterMs: number} & (
  | {readonly kind: 'ask'; readonly leveler: LevelerId; readonly command: string}
  | {readonly kind: 'power'; readonly leveler: LevelerId; readonly files: readonly ('memory' | 'value')[]}
  | {
      readonly kind: 'relapse';
      readonly leveler: LevelerId;
      readonly files: readonly ('memory' | 'value')[];
      readonly companion: LevelerId;
      readonly againMs: number;
    }
  | {readonly kind: 'restart'; readonly leveler: LevelerId}
  | {readonly kind: 'pause' | 'freeze'; readonly leveler: LevelerId; readonly ms: number}
  | {readonly kind: 'cut'; readonly ways: readonly Way[]}
  | {readonly kind: 'weather'; readonly weather: Weather}
  | {readonly kind: 'mend' | 'powerCut'}
  | {readonly kind: 'stumble'; readonly stallMs: number; readonly falls: readonly Fall[]}
  | {readonly kind: 'ambush'; readonly times: number}
  | {readonly kind: 'replay'; readonly leveler: LevelerId; readonly draw: number; readonly otherNet: boolean}
  | {readonly kind: 'haunt'; readonly leveler: LevelerId; readonly hearer: LevelerId; readonly waitMs: number}
  | {readonly kind: 'playback'; readonly leveler: LevelerId; readonly isDeaf: boolean}
  | {readonly kind: 'leave'; readonly leveler: LevelerId}
  | {readonly kind: 'fillDisks'; readonly levelers: readonly LevelerId[]; readonly ms: number}
  | {readonly kind: 'keyStep'; readonly step: KeyStep['kind']; readonly force: boolean; readonly leveler: LevelerId}
  | {readonly kind: 'rotation'; readonly force: boolean; readonly leveler: LevelerId; readonly gapMs: number}
);

export type Fall = {readonly leveler: LevelerId; readonly afterMs: number};

type Draw = (chance: Chance, ids: readonly LevelerId[]) => Without<Deed, 'afterMs'>;
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** How often each happens, relative to the others. */
const draws: readonly (readonly [weight: number, draw: Draw])[] = [
  [15, (chance, ids) => ({kind: 'ask', leveler: chance.pick(ids), command: `c${chance.integer(1, 9999)}`})],
  [12, (chance, ids) => ({kind: 'power', leveler: chance.pick(ids), files: []})],
  [3, (chance, ids) => ({kind: 'power', leveler: chance.pick(ids), files: chance.pick(tears)})],
  [2, (chance, ids) => relapse(chance, ids)],
  [6, (chance, ids) => ({kind: 'restart', leveler: chance.pick(ids)})],
  [6, (chance, ids) => ({kind: 'pause', leveler: chance.pick(ids), ms: chance.between(20, 1500)})],
  [3, (chance, ids) => ({kind: 'freeze', leveler: chance.pick(ids), ms: chance.between(20, 1500)})],
  [6, (chance, ids) => ({kind: 'cut', ways: someWays(chance, ids)})],
  [6, (chance, ids) => ({kind: 'cut', ways: deaf(chance, ids)})],
  [6, (chance, ids) => ({kind: 'cut', ways: split(chance, ids)})],
  [6, chance => ({kind: 'weather', weather: someWeather(chance)})],
  [6, () => ({kind: 'mend'})],
  [1, () => ({kind: 'powerCut'})],
  [6, (chance, ids) => stumble(chance, ids)],
  [4, chance => ({kind: 'ambush', times: chance.integer(1, 6)})],
  [
    6,
    (chance, ids) => ({
      kind: 'replay',
      leveler: chance.pick(ids),
      draw: chance.next(),
      otherNet: chance.happens(0.5),
    }),
  ],
  [
    3,
    (chance, ids) => ({
      kind: 'haunt',
      leveler: chance.pick(ids),
      hearer: chance.pick(ids),
      waitMs: chance.between(20, 400),
    }),
  ],
  [3, (chance, ids) => ({kind: 'playback', leveler: chance.pick(ids), isDeaf: chance.happens(0.5)})],
  [3, (chance, ids) => ({kind: 'leave', leveler: chance.pick(ids)})],
  [
    3,
    (chance, ids) => ({
      kind: 'fillDisks',
      levelers: chance.happens(0.5) ? ids : [chance.pick(ids)],
      ms: chance.between(500, 6000),
    }),
  ],
  [
    6,
    (chance, ids) => ({
      kind: 'keyStep',
      step: chance.pick(keySteps),
      force: chance.happens(0.4),
      leveler: chance.pick(ids),
    }),
  ],
  [
    6,
    (chance, ids) => ({
      kind: 'rotation',
      force: chance.happens(0.3),
      leveler: chance.pick(ids),
      gapMs: chance.between(1, 150),
    }),
  ],
];

const lots = draws.flatMap(([weight, draw]) => Array.from({length: weight}, () => draw));

export const keySteps = ['addKey', 'activateKey', 'retireKey'] as const;

const tears = [['memory'], ['value'], ['memory', 'value']] as const;

/** Draw what happens next, and when: mostly soon, sometimes after a calm. */
export function drawDeed(chance: Chance, size: number): Deed {
  const ids = Array.from({length: size}, (_, index) => id(index + 1));
  const afterMs = chance.happens(0.1) ? chance.between(2000, 8000) : chance.between(1, 600);
  return {...chance.pick(lots)(chance, ids), afterMs};
}

function someWays(chance: Chance, ids: readonly LevelerId[]): Way[] {
  return Array.from({length: chance.integer(1, 4)}, () => ({
    net: chance.pick(nets),
    from: chance.pick(ids),
    to: chance.pick(ids),
  }));
}

/** One leveler hears nothing of another, or of all others. */
function deaf(chance: Chance, ids: readonly LevelerId[]): Way[] {
  const [from, to, isAlone] = [chance.pick(ids), chance.pick(ids), chance.happens(0.3)];
  return ids.filter(one => one !== to && (isAlone || one === from)).flatMap(one => bothNets(one, to));
}

function relapse(chance: Chance, ids: readonly LevelerId[]): Without<Deed, 'afterMs'> {
  const againMs = chance.between(50, 2000);
  return {kind: 'relapse', leveler: chance.pick(ids), files: chance.pick(tears), companion: chance.pick(ids), againMs};
}

function split(chance: Chance, ids: readonly LevelerId[]): Way[] {
  const side = new Set(ids.filter(() => chance.happens(0.5)));
  return ids.flatMap(from => ids.filter(to => side.has(to) !== side.has(from)).flatMap(to => bothNets(from, to)));
}

function bothNets(from: LevelerId, to: LevelerId): Way[] {
  return nets.map(net => ({net, from, to}));
}

function someWeather(chance: Chance): Weather {
  return {
    loss: chance.pick([0, 0.01, 0.1, 0.3]),
    duplication: chance.pick([0, 0.1]),
    leastDelayMs: 0.1,
    mostDelayMs: chance.pick([1, 20, 120]),
  };
}

/** In the middle of an election electors end and begin again within milliseconds. */
function stumble(chance: Chance, ids: readonly LevelerId[]): Without<Deed, 'afterMs'> {
  return {
    kind: 'stumble',
    stallMs: chance.between(150, 400),
    falls: Array.from({length: chance.integer(1, 2 * Math.min(ids.length, 8))}, () => ({
      leveler: chance.pick(ids),
      afterMs: chance.between(0, 8),
    })),
  };
}
