import {partition, shared, type Trouble, type Troublemaker, waitFor} from '@tacoplex/lab';
import type {ExecutionContext} from 'ava';
import {fetchPages, findHolder, onStage, statusWith, untilWhole} from '../src/index.ts';
import {lab} from './two-levelers.ts';

const test = onStage();
const service = `http://${shared.servIp.ipv4}/`;

const otherThan = (leveler: string): string => (leveler === 'leveler0' ? 'leveler1' : 'leveler0');

const between = (where: Pick<Trouble, 'wires' | 'kind'>): Trouble[] => partition(['leveler0'], ['leveler1'], where);

const untilForwards = async (leveler: string, forwards: boolean): Promise<unknown> =>
  statusWith(
    lab(),
    leveler,
    forwards ? 'it forwards' : 'it has no lease',
    ({engine}) => engine !== null && (engine.haltedBecause === null) === forwards,
  );

const untilHolds = async (leveler: string): Promise<unknown> =>
  statusWith(lab(), leveler, 'it holds the LevIP', ({addresses}) =>
    addresses.some(({net, address, holder}) => net === 'a' && address.includes('.') && holder === leveler),
  );

/** Neither has a majority: neither changes anything. */
const refuseBoth = async (t: ExecutionContext): Promise<void> => {
  for (const leveler of ['leveler0', 'leveler1']) {
    const {code, stderr} = await lab().exec(leveler, ['taco', 'group', 'add', 'spare']);
    t.is(code, 1, leveler);
    t.regex(stderr, /no majority/, leveler);
  }
};

/** While there is this trouble between the two. */
const during = async (t: ExecutionContext, troubles: readonly Trouble[], act: () => Promise<void>): Promise<void> => {
  const maker: Troublemaker = await lab().startTrouble();
  t.teardown(async () => maker.end());
  await maker.make(troubles);
  await act();
  await maker.make([]);
  await untilWhole(lab());
};

test('of two levelers one loses power: the other takes over by itself, serves, and refuses commands', async t => {
  await untilWhole(lab());
  const holder = await findHolder(lab());
  const left = otherThan(holder);
  const requests = fetchPages(lab(), service, 400);

  await lab().powerOff(holder);
  await untilHolds(left);

  t.deepEqual((await requests).perCause, {});
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
  const refused = await lab().exec(left, ['taco', 'group', 'add', 'spare']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /no majority: 1 of 2 levelers is heard/);

  await lab().powerOn(holder);
  await untilWhole(lab());
});

test('levelers that hear each other on net A alone are one cluster still', async t => {
  await untilWhole(lab());
  await during(t, between({wires: ['net-b']}), async () => {
    t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});
    await untilForwards('leveler0', true);
    await untilForwards('leveler1', true);
  });
});

test('they do not hear each other, and net A shows who serves: the holder goes on, and the other has no lease', async t => {
  await untilWhole(lab());
  const holder = await findHolder(lab());
  const deaf = [...between({wires: ['net-b']}), ...between({wires: ['net-a'], kind: 'cluster'})];
  await during(t, deaf, async () => {
    await untilForwards(otherThan(holder), false);

    t.deepEqual((await fetchPages(lab(), service, 200)).perCause, {});
    await untilHolds(holder);
    await untilForwards(holder, true);
    await untilForwards(otherThan(holder), false);
    await refuseBoth(t);
  });
  await untilForwards(otherThan(holder), true);
});

test('nothing gets through between them: each serves and refuses commands, and they become one again', async t => {
  await untilWhole(lab());
  await during(t, between({}), async () => {
    await untilHolds('leveler0');
    await untilHolds('leveler1');
    t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});
    await refuseBoth(t);
  });

  const holder = await findHolder(lab());
  await statusWith(lab(), otherThan(holder), 'one holder', ({addresses}) =>
    addresses.some(({net, holder: now}) => net === 'a' && now === holder),
  );
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
});

test('whoever is given up for good stays out when it comes back, until it is let in again', async t => {
  await untilWhole(lab());
  const lost = await findHolder(lab());
  const left = otherThan(lost);
  const taco = async (...words: string[]): Promise<{code: number; stderr: string}> =>
    lab().exec(left, ['taco', ...words]);
  await lab().powerOff(lost);
  await untilHolds(left);
  let refused = '';
  const giveUp = async (): Promise<boolean> => {
    const {code, stderr} = await taco('leveler', 'remove', lost, '--force');
    refused = stderr.trim();
    t.true(code === 0 || stderr.includes('is heard'), stderr);
    return code === 0;
  };
  const what = `${left} has not heard ${lost} for a while, and gives it up`;
  await waitFor(giveUp, {what, everyMs: 500, seen: () => refused});
  t.is((await taco('group', 'add', 'spare')).code, 0, 'who is left is a majority of itself');

  await lab().powerOn(lost);
  await statusWith(lab(), left, `${lost} is back and is no member`, ({warnings}) =>
    warnings.some(({what: said}) => said.includes(`${lost} was removed and runs still`)),
  );
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
  t.is((await taco('group', 'remove', 'spare')).code, 0);

  t.is((await taco('leveler', 'add', lost)).code, 0);
  await untilWhole(lab());
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
});
