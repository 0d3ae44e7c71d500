import test from 'ava';
import {
  applyPatch,
  type ClusterState,
  decodeCommand,
  decodeState,
  encodeCommand,
  encodePatch,
  encodeState,
  type ShownKeys,
} from '../src/index.ts';
import {carryOutShown, newborn, version} from './cluster-builders.ts';
import {activate, activated, add, added, done, one, retire, retired, showing, three, two} from './key-builders.ts';

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
