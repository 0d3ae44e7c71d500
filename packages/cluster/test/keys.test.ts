import {type LevelerId, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  applyPatch,
  type ClusterState,
  decodeCommand,
  decodeState,
  encodeCommand,
  encodePatch,
  encodeState,
  followKeys,
  type HeldKey,
  type HeldKeys,
  type Key,
  type KeysShown,
  keyIdOf,
  type Operation,
  type Result,
  type ShownKeys,
  shownOf,
  type WantedKeys,
} from '../src/index.ts';
import {carryOutShown, newborn, version} from './cluster-builders.ts';

const [one, two, three] = ['1', '2', '3'].map(digit => digit.repeat(16)) as [string, string, string];
const sealed = new Uint8Array(60);

const add = (fingerprint: string, sealedBy: string): Operation => ({
  kind: 'addKey',
  fingerprint,
  sealed,
  sealedBy,
  byHand: false,
});
const activate = (fingerprint = '', force = false): Operation => ({kind: 'activateKey', fingerprint, force});
const retire = (fingerprint = '', force = false): Operation => ({kind: 'retireKey', fingerprint, force});

/** Both levelers, or those given, show these keys: the first is the one they send with. */
const showing = (accepts: readonly string[], ids: readonly number[] = [1, 2]): ShownKeys =>
  new Map(ids.map(id => [id, {accepts, sends: accepts[0] ?? ''}]));

const done = (result: Result): ClusterState => {
  if (result.kind !== 'done') {
    throw new Error(JSON.stringify(result));
  }

  return result.state;
};

const added = (): ClusterState => done(carryOutShown(newborn(), add(two, one), showing([one])));
const activated = (): ClusterState => done(carryOutShown(added(), activate(), showing([one, two])));
const retired = (): ClusterState => done(carryOutShown(activated(), retire(), showing([two, one])));
const stages = ({keys}: ClusterState) => keys.map(({fingerprint, stage}) => [fingerprint, stage]);

test('a rotation goes from one key to another in three steps', t => {
  t.deepEqual(stages(added()), [
    [one, 'current'],
    [two, 'next'],
  ]);
  t.deepEqual(stages(activated()), [
    [two, 'current'],
    [one, 'previous'],
  ]);
  t.deepEqual(stages(retired()), [[two, 'current']]);
  t.deepEqual(
    [added(), activated(), retired()].map(({keyRotation}) => keyRotation),
    [1, 2, 3],
  );
});

test('the sealed secret is there while somebody may need it, and no longer', t => {
  t.deepEqual(
    added().keys.map(key => key.sealed?.by),
    [undefined, one],
  );
  t.is(activated().keys[0]?.sealed?.by, one);
  t.is(retired().keys[0]?.sealed, undefined);
});

test('a step that has been taken is no fault when it is asked for by name again', t => {
  t.like(carryOutShown(activated(), activate(two), showing([two, one])), {
    kind: 'repeated',
    outcome: {refusal: '', changes: []},
  });
  t.like(carryOutShown(retired(), retire(one), showing([two])), {
    kind: 'repeated',
    outcome: {refusal: '', changes: []},
  });
});

test('a next key can be given up, whoever is heard', t => {
  t.deepEqual(stages(done(carryOutShown(added(), retire(), showing([one], [1])))), [[one, 'current']]);
});

for (const [what, state, operation, shown, refusal] of [
  ['a second next key', added, add(three, one), showing([one, two]), 'key 22222222 is the next one already'],
  [
    'a third key',
    activated,
    add(three, two),
    showing([two, one]),
    'key 11111111 is still accepted as the previous one',
  ],
  [
    'a key sealed with another than the current one',
    retired,
    add(three, one),
    showing([two]),
    'the leveler that was asked does not send with 22222222, the current key',
  ],
  [
    'a key while one has not done with the rotation before',
    retired,
    add(three, two),
    new Map([...showing([two], [1]), ...showing([two, one], [2])]),
    'leveler1: not yet with 22222222 as the only key',
  ],
  ['to activate what is not there', newborn, activate(), showing([one]), 'there is no next key'],
  [
    'to activate what is not the next one',
    added,
    activate(three),
    showing([one, two]),
    'key 33333333 is not the next one',
  ],
  [
    'to activate what one has not on its disk',
    added,
    activate(),
    new Map([...showing([one, two], [1]), ...showing([one], [2])]),
    'leveler1: not yet with key 22222222 on its disk',
  ],
  [
    'to activate while one is not heard',
    added,
    activate(),
    showing([one, two], [2]),
    'not heard: leveler0, which could not send and hear with 22222222 afterwards',
  ],
  ['to retire the only key', retired, retire(), showing([two]), 'there is no key but the current one'],
  [
    'to retire the only key of a newborn cluster',
    newborn,
    retire(),
    showing([one]),
    'there is no key but the current one',
  ],
  ['to retire the current key', activated, retire(two), showing([two, one]), 'every leveler sends with key 22222222'],
  [
    'to retire what one still sends with',
    activated,
    retire(),
    new Map([...showing([two, one], [1]), ...showing([one, two], [2])]),
    'leveler1: still sending with key 11111111',
  ],
  [
    'to retire while one is not heard',
    activated,
    retire(),
    showing([two, one], [1]),
    'not heard: leveler1, which could not be heard with 11111111 afterwards',
  ],
] as const) {
  test(`refused: ${what}`, t => {
    const result = carryOutShown(state(), operation, shown);

    t.like(result, {kind: 'refused', refusal});
    t.regex(result.kind === 'refused' ? result.advice : '', /taco (key|version)/);
  });
}

test('force leaves those behind that are not heard, but nobody who is', t => {
  t.is(carryOutShown(added(), activate('', true), showing([one, two], [1])).kind, 'done');
  t.is(carryOutShown(activated(), retire('', true), showing([two, one], [1])).kind, 'done');
  t.is(carryOutShown(added(), activate('', true), showing([one], [1])).kind, 'refused');
});

test('where all have changed their keys by hand, that key takes the place of those that the state had', t => {
  const state = done(carryOutShown(activated(), add(two, three), showing([three])));

  t.deepEqual(stages(state), [
    [three, 'current'],
    [two, 'next'],
  ]);
  t.is(state.keyRotation, 3);
  t.is(carryOutShown(activated(), add(two, three), showing([three], [1])).kind, 'refused');
});

test('a newborn cluster whose levelers accept more keys than one names the one that all send with', t => {
  const mixed: ShownKeys = new Map([...showing([one, two], [1]), ...showing([one], [2])]);
  t.like(carryOutShown(newborn(), add(three, one), mixed), {
    kind: 'refused',
    refusal: 'leveler0: not yet with 11111111 as the only key',
    advice: 'keys of an earlier cluster are accepted there; give them up: taco key retire',
  });

  const state = done(carryOutShown(newborn(), retire(), mixed));
  t.deepEqual(stages(state), [[one, 'current']]);
  t.is(state.keyRotation, 1);
  t.is(carryOutShown(state, add(three, one), showing([one])).kind, 'done');
  t.like(carryOutShown(newborn(), retire(), showing([one, two], [1])), {
    kind: 'refused',
    refusal: 'not heard: leveler1, which could not be heard unless it sends with 11111111 afterwards',
  });
  t.like(carryOutShown(newborn(), retire(), new Map([...showing([one, two], [1]), ...showing([two, one], [2])])), {
    kind: 'refused',
    refusal: 'leveler1: not sending with key 11111111',
  });
  t.is(carryOutShown(newborn(), retire('', true), showing([one, two], [1])).kind, 'done');
});

test('keys stand in the bytes of a state, of its patches and of commands', t => {
  const [before, after] = [newborn(), {...added(), version: version(1, 2)}];

  t.deepEqual(decodeState(encodeState(after)), after);
  t.deepEqual(applyPatch(before, encodePatch(before, after)), after);
  for (const operation of [add(two, one), add('', ''), activate(two, true), retire()]) {
    const command = {id: 'ab'.repeat(16), uid: 7, operation};
    t.deepEqual(decodeCommand(encodeCommand(command)), command);
  }
});

const [ours, theirs] = ['a', 'b'].map(digit => digit.repeat(16)) as [string, string];
const ringOf = (lineage: string, rotation: number, ...keys: HeldKey[]): HeldKeys<HeldKey> => ({
  rotation,
  lineage,
  keys,
});
const held = (rotation: number, ...keys: HeldKey[]): HeldKeys<HeldKey> => ringOf(ours, rotation, ...keys);
/** A state of a lineage, as it takes effect. */
const of = (state: ClusterState, lineage = ours): WantedKeys => ({...state, lineage});
const key = (fingerprint: string, stage: HeldKey['stage']): HeldKey => ({fingerprint, stage});
const obtain = ({fingerprint}: Key) => ({fingerprint});
const cannot = () => undefined;

test('the keys of a leveler follow the state, and the retired ones are kept', t => {
  const first = followKeys(held(0, key(one, 'current')), of(added()), obtain).held;
  const second = followKeys(first, of(activated()), cannot).held;
  const third = followKeys(second, of(retired()), cannot).held;

  t.deepEqual(first, held(1, key(one, 'current'), key(two, 'next')));
  t.deepEqual(second, held(2, key(two, 'current'), key(one, 'previous')));
  t.deepEqual(third, held(3, key(two, 'current'), key(one, 'retired')));
});

test('a leveler without the current key goes on with what it has, and counts as older than a copy', t => {
  const own = held(0, key(one, 'current'));

  t.like(followKeys(own, of(retired()), cannot), {held: own, missing: {0: {fingerprint: two}}});
});

for (const [who, lineage] of [
  ['further on', ours],
  ['that did not write its lineage down', ''],
] as const) {
  test(`a leveler whose keys were copied from one ${who} stays with them`, t => {
    const copied = ringOf(lineage, 3, key(two, 'current'));

    t.deepEqual(followKeys(copied, of(activated()), cannot), {held: copied, missing: []});
  });
}

test('a leveler that led a cluster of its own follows the one that it joins, however few steps that has taken', t => {
  const own = ringOf(theirs, 8, key(one, 'current'));

  const joined = followKeys(own, of(added()), obtain).held;

  t.deepEqual(joined, held(1, key(one, 'current'), key(two, 'next')));
  t.deepEqual(followKeys(joined, of(activated()), cannot).held.rotation, 2);
});

test('keys in hand say of which lineage they are as soon as a state names them', t => {
  const own = [key(two, 'current'), key(one, 'previous')];

  t.deepEqual(followKeys(ringOf('', 2, ...own), of(activated()), cannot).held, held(2, ...own));
  t.deepEqual(followKeys(ringOf(theirs, 2, ...own), of(activated()), cannot).held, held(2, ...own));
});

test('a newborn cluster names no keys: they stay, and are followed once it does', t => {
  const own = ringOf(theirs, 8, key(one, 'current'), key(three, 'previous'));

  t.deepEqual(followKeys(own, of(newborn()), cannot), {held: own, missing: []});
  t.deepEqual(followKeys(own, of(added()), obtain).held.rotation, 1);
});

test('a leveler without a key of the cluster that it joins counts on in its own lineage, until it has it', t => {
  const own = ringOf(theirs, 8, key(one, 'current'));

  t.is(followKeys(own, of(retired()), cannot).held, own);
  const joined = followKeys(own, of(added()), cannot);
  t.deepEqual(joined.missing.map(keyIdOf), ['22222222']);
  t.deepEqual(joined.held, own);
  t.deepEqual(followKeys(joined.held, of(added()), obtain).held, held(1, key(one, 'current'), key(two, 'next')));
});

test('keys that were brought from another cluster are not undone by the state that was there before', t => {
  const brought = {...ringOf(theirs, 2, key(one, 'current')), newerThan: {lineage: ours, rotation: 1}};

  t.is(followKeys(brought, of(added()), obtain).held, brought);
  t.deepEqual(followKeys(brought, of(activated()), obtain).held.lineage, ours);
  t.deepEqual(followKeys(brought, of(added(), 'c'.repeat(16)), obtain).held.lineage, 'c'.repeat(16));
});

test('whatever it followed before, a leveler with the keys of a state of another lineage is level with it', t => {
  const stage = fc.constantFrom('previous', 'next', 'retired');
  fc.assert(
    fc.property(fc.nat({max: 20}), fc.array(fc.tuple(fc.constantFrom(one, three), stage)), (rotation, others) => {
      const own = ringOf(theirs, rotation, key(two, 'current'), ...others.map(([name, of]) => key(name, of)));
      const state = of(activated());
      const {held: joined, missing} = followKeys(own, state, obtain);

      t.deepEqual(missing, []);
      t.like(joined, {rotation: state.keyRotation, lineage: ours});
      t.deepEqual(shownOf(joined), {accepts: [two, one], sends: two});
    }),
  );
});

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
