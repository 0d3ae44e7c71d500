import {HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {PacedLook} from '../src/paced-look.ts';

/** Lets what was awaited go on. */
const turn = async (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** Counts looks, each of which takes `workMs`. */
function stageOf(workMs = 0) {
  const clock = new HandClock();
  const looksMs: number[] = [];
  const look = new PacedLook(clock, async () => {
    looksMs.push(clock.now());
    await new Promise<void>(resolve => clock.after(workMs, resolve));
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10);
      await turn();
    }
  };
  return {look, looksMs, pass};
}

test('many changes at once are one look', async t => {
  const {look, looksMs, pass} = stageOf();
  look.soon();
  look.soon();
  await pass(10);
  look.soon();
  await pass(100);

  t.deepEqual(looksMs, [20]);
});

test('some changes in a row are each seen at once, those that never end once a second', async t => {
  const {look, looksMs, pass} = stageOf();
  for (let change = 0; change < 1000; change++) {
    look.soon();
    await pass(10);
  }

  t.deepEqual(
    looksMs.slice(0, 5).map(ms => ms <= 300),
    [true, true, true, true, true],
  );
  t.true(looksMs.length <= 5 + 10, `${looksMs.length} looks in 10 s`);
  t.true(looksMs.slice(1).every((ms, index) => ms - (looksMs[index] ?? 0) <= 1000));
});

test('a look that takes long is rested from four times as long, and a change meanwhile is seen after it', async t => {
  const {look, looksMs, pass} = stageOf(1000);
  look.soon();
  await pass(500);
  look.soon();
  await pass(6000);

  t.deepEqual(looksMs, [20, 5020]);
});

test('nothing is looked at after it is closed', async t => {
  const {look, looksMs, pass} = stageOf(100);
  look.soon();
  await pass(50);
  look.soon();
  look.close();
  await pass(2000);

  t.deepEqual(looksMs, [20]);
});
