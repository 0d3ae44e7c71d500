import anyTest from 'ava';
import {createLab, cut, type Lab, partition} from '../src/index.ts';

const isRoot = process.getuid?.() === 0; // Network namespaces need root
const test = isRoot ? anyTest.serial : anyTest.serial.skip;
const [one, other] = ['10.0.1.101', '10.0.1.102'];
let lab: Lab | undefined;

if (isRoot) {
  anyTest.before('build a lab', async () => {
    lab = await createLab({name: 'trouble-test', levelers: 1, servers: 2, startLevelers: false});
  });
  anyTest.after.always('remove it', async () => lab?.down());
}

const built = (): Lab => lab!;

/** What ping says of echoes from server0 to server1, 10 ms apart. */
const ping = async (count: number, ...more: string[]): Promise<string> =>
  (await built().exec('server0', ['ping', '-n', '-c', String(count), '-i', '0.01', '-W', '1', ...more, other ?? '']))
    .stdout;

test('a cut of one way stops every echo, and what reaches others goes on; all is well when it ends', async t => {
  const maker = await built().startTrouble();

  await maker.make([{...cut, from: 'server1', to: 'server0'}]);
  t.regex(await ping(5), /, 0 received/);
  t.is((await built().exec('leveler0', ['ping', '-c', '1', '-W', '5', one ?? ''])).code, 0);
  const count = await maker.make([]);

  t.true(count.lost > 0 && count.lost === count.seen, JSON.stringify(count));
  t.regex(await ping(5), /, 5 received/);
  await maker.end();
});

test('two sides of a partition hear nothing of each other on the wires it is on', async t => {
  const maker = await built().startTrouble();
  await maker.make(partition(['server0'], ['server1', 'leveler0'], {wires: ['net-b']}));

  t.regex(await ping(3), /, 0 received/);
  t.is((await built().exec('leveler0', ['ping', '-c', '1', '-W', '5', other ?? ''])).code, 0);

  await maker.end();
  t.regex(await ping(3), /, 3 received/);
});

test('equal seeds lose equal frames, and about as many as they should', async t => {
  const maker = await built().startTrouble();
  const lostOf = async (seed: number): Promise<string[]> => {
    await maker.make([{to: 'server1', kind: 'data', lossPercent: 30}], seed);
    return [...(await ping(200)).matchAll(/icmp_seq=(\d+)/g)].map(([, sequence = '']) => sequence);
  };

  const [first, again, different] = [await lostOf(7), await lostOf(7), await lostOf(8)];
  t.deepEqual(first, again);
  t.notDeepEqual(first, different);
  t.true(first.length > 100 && first.length < 180, String(first.length)); // 140 expected, 6.5 standard deviation
  await maker.end();
});

test('every frame is doubled, up to five times', async t => {
  const maker = await built().startTrouble();
  await maker.make([{to: 'server0', kind: 'data', doublingPercent: 100, copies: 5}]);

  const said = await ping(50);
  const {seen, copied} = await maker.make([]);
  await maker.end();

  t.regex(said, /50 received, \+\d+ duplicates/);
  t.true(copied >= seen && copied <= 5 * seen, `${copied} of ${seen}`);
});

test('frames are delayed, each by a time of its own, so that their order changes', async t => {
  const maker = await built().startTrouble();
  await maker.make([{to: 'server0', kind: 'data', delayMs: [100, 300]}]);

  const said = await ping(100);
  const {delayed, undelayed} = await maker.make([]);
  await maker.end();

  const sequence = [...said.matchAll(/icmp_seq=(\d+)/g)].map(([, number]) => Number(number));
  const times = [...said.matchAll(/time=([\d.]+)/g)].map(([, ms]) => Number(ms));
  t.is(sequence.length, 100);
  t.true(Math.min(...times) >= 99, `shortest ${Math.min(...times)} ms`);
  t.notDeepEqual(
    sequence,
    sequence.toSorted((a, b) => a - b),
  );
  t.true(delayed >= 100);
  t.is(undelayed, 0);
});

test('a corrupted frame has one other bit', async t => {
  const maker = await built().startTrouble();
  await maker.make([{to: 'server0', kind: 'data', corruptionPercent: 100}]);

  const said = await ping(50, '-w', '3');
  const {corrupted} = await maker.make([]);
  await maker.end();

  t.true(corrupted >= 50);
  t.regex(said, /wrong data byte #\d+ should be/);
});

test('a trouble of one kind leaves the other kinds alone', async t => {
  const maker = await built().startTrouble();
  await maker.make([{...cut, kind: 'cluster'}]);
  t.regex(await ping(5), /, 5 received/);
  await built().exec('server0', ['bash', '-c', `for i in 1 2 3; do echo beat >/dev/udp/${other}/7848; done`]);
  const cluster = await maker.make([{...cut, kind: 'arp'}]);
  await built().exec('server0', ['ip', 'neigh', 'flush', 'all']);
  t.regex(await ping(2), /, 0 received/);
  await maker.end();

  t.is(cluster.lost, 3);
});

test('what cannot be is refused with the place and what belongs there', async t => {
  const maker = await built().startTrouble();
  const refused = async (trouble: Parameters<typeof maker.make>[0][number]): Promise<string> =>
    (await t.throwsAsync(maker.make([trouble]))).message;

  t.is(await refused({lossPercent: 101}), 'loss: 0..100, not 101');
  t.is(await refused({copies: 9}), 'copies: 1..8, not 9');
  t.regex(await refused({to: 'leveler9'}), /^lab "trouble-test" has no host "leveler9"; it has: client router /);
  t.is(await refused({to: 'server0', wires: ['net-a']}), 'no trouble on net-a: server0 is not there');
  await maker.end();
});
