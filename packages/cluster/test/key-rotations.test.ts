import {type LevelerId, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  type ClusterState,
  followKeys,
  type HeldKey,
  type HeldKeys,
  type KeysShown,
  type Operation,
} from '../src/index.ts';
import {carryOutShown, newborn} from './cluster-builders.ts';
import {activate, add, held, key, of, retire} from './key-builders.ts';

test('E7: no step, whoever is down and whatever is late, leaves two live levelers without a common key', t => {
  let steps = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({max: 9}), fc.nat({max: 3}), fc.boolean()), {minLength: 100, maxLength: 400}),
      deeds => {
        const world = new World();
        for (const [deed, who, flag] of deeds) {
          world.do(deed, who, flag);
          world.check();
        }

        steps += world.steps;
      },
    ),
    {numRuns: 500},
  );
  t.true(steps > 1000, `${steps} steps of rotations were taken`);
});

type Played = {
  readonly id: number;
  up: boolean;
  leftBehind: boolean;
  /** Which of the committed states it has applied. */
  at: number;
  keys: HeldKeys<HeldKey>;
  /** What the leader heard of it last. */
  shown: KeysShown | undefined;
};

const nameOf = (number: number): string => toHex(Uint8Array.of(0, 0, number >> 8, number, 0, 0, 0, 0));
const sendsWith = ({keys}: Played): string => keys.keys.find(({stage}) => stage === 'current')?.fingerprint ?? '';

/** Four levelers that apply what is committed when they get to it, show what they had some time ago, and crash. */
class World {
  steps = 0;
  #drawn = 1;
  readonly #levelers = [1, 2, 3, 4].map(
    (id): Played => ({
      id,
      up: true,
      leftBehind: false,
      at: 0,
      keys: held(0, key(nameOf(1), 'current')),
      shown: undefined,
    }),
  );
  /** What was committed, oldest first: a leveler may be behind. */
  readonly #history: ClusterState[] = [
    {...newborn(), members: this.#levelers.map(({id}) => ({id: id as LevelerId, name: `leveler${id}`}))},
  ];

  get #live(): Played[] {
    return this.#levelers.filter(({up, leftBehind}) => up && !leftBehind);
  }

  /** @param deed 0..9 */
  do(deed: number, who: number, flag: boolean): void {
    const leveler = this.#levelers[who] as Played;
    const those = deed % 3 === 0 ? this.#live : this.#live.filter(one => one === leveler);
    if (deed < 3) {
      for (const one of those) {
        this.#apply(one);
      }
    } else if (deed < 6) {
      for (const one of those) {
        show(one);
      }
    } else if (deed === 6) {
      this.#turn(leveler, flag);
    } else if (this.#live.includes(leveler)) {
      this.#command(deed, leveler, flag);
    }
  }

  /** Down, or up: whoever was left behind is brought the keys of one that is not. */
  #turn(leveler: Played, up: boolean): void {
    const [donor] = this.#live;
    leveler.up = up;
    leveler.shown = undefined;
    if (up && leveler.leftBehind && donor !== undefined) {
      leveler.leftBehind = false;
      leveler.keys = donor.keys;
    }
  }

  #apply(leveler: Played): void {
    const state = this.#history[leveler.at + 1];
    if (state !== undefined) {
      const has = (name: string | undefined) => leveler.keys.keys.some(({fingerprint}) => fingerprint === name);
      leveler.at += 1;
      leveler.keys = followKeys(leveler.keys, of(state), wanted => (has(wanted.sealed?.by) ? wanted : undefined)).held;
    }
  }

  #command(deed: number, asked: Played, force: boolean): void {
    const shown = new Map(this.#live.map(one => [one.id, one.shown ?? {accepts: [], sends: ''}]));
    const operations = [add(nameOf(this.#drawn + 1), sendsWith(asked)), activate('', force), retire('', force)];
    const result = carryOutShown(this.#history.at(-1) as ClusterState, operations[deed - 7] as Operation, shown);
    if (result.kind === 'done') {
      this.steps += 1;
      this.#drawn += deed === 7 ? 1 : 0;
      this.#history.push(result.state);
      for (const one of this.#levelers.filter(({up}) => deed > 7 && !up)) {
        one.leftBehind = true;
      }
    }
  }

  check(): void {
    for (const speaker of this.#live) {
      for (const hearer of this.#live) {
        if (!believes(hearer, sendsWith(speaker))) {
          throw new Error(`leveler ${hearer.id} does not hear ${speaker.id}, which sends with ${sendsWith(speaker)}`);
        }
      }
    }
  }
}

function show(leveler: Played): void {
  const accepts = leveler.keys.keys.filter(({stage}) => stage !== 'retired').map(({fingerprint}) => fingerprint);
  leveler.shown = {accepts, sends: sendsWith(leveler)};
}

function believes({keys}: Played, name: string): boolean {
  return keys.keys.some(({fingerprint, stage}) => fingerprint === name && stage !== 'retired');
}
