import test from 'ava';
import fc from 'fast-check';
import {followKeys, type Key, keyIdOf, shownOf} from '../src/index.ts';
import {newborn} from './cluster-builders.ts';
import {activated, added, held, key, of, one, ours, retired, ringOf, theirs, three, two} from './key-builders.ts';

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
