import test, {type TestFn} from 'ava';
import {fuzzFrames} from '../src/fuzz-frames.ts';

const onKernel = (process.getuid?.() === 0 ? test : test.skip) as TestFn; // Loading a program needs root

onKernel('the same seed gives the same frames', t => {
  const options = {count: 6000, seed: 7, progress: () => {}};
  const [one, other] = [fuzzFrames(options), fuzzFrames(options)];

  t.is(one.difference, undefined);
  t.is(one.miscounted, undefined);
  t.deepEqual(one, other);
});
