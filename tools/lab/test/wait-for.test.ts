import test from 'ava';
import {waitFor} from '../src/wait-for.ts';

test('a look begins after the last one has ended', async t => {
  let [looks, underWay] = [0, 0];

  await waitFor(
    async () => {
      underWay++;
      t.is(underWay, 1);
      await new Promise(resolve => setTimeout(resolve, 5));
      underWay--;
      return ++looks === 3;
    },
    {what: 'three looks', everyMs: 1},
  );

  t.is(looks, 3);
});

test('a wait that runs out says what was waited for, and what was seen in the end', async t => {
  let looks = 0;
  const wait = async () =>
    waitFor(() => ++looks > 1_000_000_000, {
      timeoutMs: 10,
      what: 'the end',
      everyMs: 1,
      seen: async () => `${looks > 0}`,
    });

  await t.throwsAsync(wait, {message: 'waited 0.01 s in vain: the end; true'});
});
