import {HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {Optimiser} from '../src/optimiser.ts';

const start = () => {
  const clock = new HandClock();
  const flags: string[] = [];
  const optimiser = new Optimiser('often', clock, flag => flags.push(flag));
  return {
    clock,
    optimiser,
    bytes: () => flags.findLast(flag => flag.startsWith('--max-optimized-bytecode-size='))?.split('=')[1],
  };
};

test('it works until it is told to rest, and again after three seconds without a call', t => {
  const {clock, optimiser, bytes} = start();
  t.is(bytes(), '61440');

  optimiser.rest();
  t.is(bytes(), '0');
  clock.advance(2000);
  optimiser.rest();
  clock.advance(2999);
  t.is(bytes(), '0');

  clock.advance(1);
  t.is(bytes(), '61440');
  optimiser.rest();
  t.is(bytes(), '0');
});
