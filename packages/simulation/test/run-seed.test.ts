import {setImmediate} from 'node:timers/promises';
import test from 'ava';
import {runSeed, shorten, type Verdict, type Weakness, weaknesses} from '../src/index.ts';

const forMs = 10_800;
const seeds = (count: number): number[] => Array.from({length: count}, (_, index) => index + 1);
const tell = ({seed, levelers, violation, transcript}: Verdict): string =>
  `seed ${seed} (${levelers} levelers): ${violation?.what}\n${transcript.slice(-80).join('\n')}`;

/** The first of some seeds that fails. */
async function findBroken(count: number, without: Weakness): Promise<Verdict | undefined> {
  for (const seed of seeds(count)) {
    await setImmediate();
    const verdict = runSeed({seed, levelers: 0, forMs, without});
    if (verdict.violation !== undefined) {
      return verdict;
    }
  }

  return undefined;
}

/** Within how many seeds a cluster without the rule must be seen to fail, and what must break. */
const breaks = {
  'pre-vote': {within: 10, invariant: 'P1'},
  freshness: {within: 30, invariant: 'E2'},
  'vote-persistence': {within: 150, invariant: 'E1'},
  nonce: {within: 10, invariant: 'E6'},
  'check-quorum': {within: 10, invariant: 'Q1'},
  probe: {within: 30, invariant: 'S1'},
  lease: {within: 30, invariant: 'F1'},
  'key-wait': {within: 30, invariant: 'E7'},
  soundness: {within: 150, invariant: 'E2'},
  storing: {within: 150, invariant: 'E2'},
} as const;

// One after the other, and with a pause after each seed in which the runner hears that it lives: a busy machine takes minutes.

test.serial('two hundred clusters live through trouble and break no invariant', async t => {
  t.timeout(900_000);
  for (const seed of seeds(200)) {
    await setImmediate();
    const verdict = runSeed({seed, levelers: 0, forMs: 5000});
    if (verdict.violation !== undefined) {
      t.fail(tell(verdict));
      return;
    }
  }

  t.pass();
});

for (const without of weaknesses) {
  const {within, invariant} = breaks[without];
  test.serial(`without ${without} some cluster breaks ${invariant}`, async t => {
    t.timeout(900_000);
    const broken = await findBroken(within, without);

    t.is(broken?.violation?.invariant, invariant, broken === undefined ? 'nothing broke' : tell(broken));
  });
}

test.serial('equal seeds have equal histories', t => {
  const [one, other] = [7, 7].map(seed => runSeed({seed, levelers: 3, forMs}));

  t.deepEqual(one, other);
  t.true((one?.transcript.length ?? 0) > 100);
});

test.serial('a failure is shortened to fewer deeds that break the same', t => {
  const run = {seed: 1, levelers: 0, forMs, without: 'check-quorum'} as const;
  const verdict = runSeed(run);
  const shortest = shorten(run, verdict);

  t.is(shortest.verdict.violation?.invariant, 'Q1');
  t.true((shortest.run.only?.size ?? verdict.deeds) <= verdict.deeds);
  t.deepEqual(runSeed(shortest.run), shortest.verdict);
});

test.serial('sixteen levelers live through trouble too', t => {
  const verdict = runSeed({seed: 1, levelers: 16, forMs: 3000});

  t.is(verdict.violation, undefined, tell(verdict));
});
