import {HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {Optimiser} from '../src/optimiser.ts';

const start = (v8?: string) => {
  const clock = new HandClock();
  const flags: string[] = [];
  const optimiser = new Optimiser('often', clock, {
    setFlag: flag => flags.push(flag),
    collect: () => flags.push('collected'),
    ...(v8 && {v8}),
  });
  return {clock, optimiser, flags};
};

const working = ['--ticks-before-optimization=3', '--max-bytecode-size-for-early-opt=81'];
const resting = ['--ticks-before-optimization=1000000', '--max-bytecode-size-for-early-opt=0'];

test('it rests when told to, works for half a minute after three seconds without a call, and then rests for good', t => {
  const {clock, optimiser, flags} = start('11.3');
  t.deepEqual(flags.splice(0), ['--max-optimized-bytecode-size=61440', '--interrupt-budget=5000']);

  optimiser.rest();
  clock.advance(2000);
  optimiser.rest();
  clock.advance(2999);
  t.deepEqual(flags.splice(0), resting);

  clock.advance(1);
  t.deepEqual(flags.splice(0), working);
  clock.advance(29_999);
  optimiser.rest();
  t.deepEqual(flags.splice(0), resting);

  clock.advance(33_000);
  t.deepEqual(flags.splice(0), [...working, ...resting, 'collected']);
  clock.advance(600_000);
  t.deepEqual(flags, []);
});

test('a V8 that counts otherwise is left as it is', t => {
  const {clock, optimiser, flags} = start('12.4');

  optimiser.rest();
  clock.advance(10_000);

  t.deepEqual(flags, ['--max-optimized-bytecode-size=61440']);
});
