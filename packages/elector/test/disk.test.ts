import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {collectLog} from '@tacoplex/testkit';
import type {LevelerId} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {ClusterContent} from '../src/content.ts';
import {Disk} from '../src/disk.ts';

const one = 1 as LevelerId;
const version = {term: 3, leader: one, nonce: '0123456789abcdef', index: 2};
const memory = {term: 4, votedFor: one, committed: version, sound: true};
const nothing = {memory: undefined, value: undefined, valueSound: false};

type Changes = {folder?: string; copies?: string; cluster?: string; leveler?: LevelerId};

/** Every one has second copies of its own, as after a power cut, unless it is told where they are. */
function openDisk(t: ExecutionContext, changes: Changes = {}) {
  const folder = changes.folder ?? mkdtempSync(join(tmpdir(), 'tacoplex-disk-'));
  const copies = changes.copies ?? mkdtempSync(join(tmpdir(), 'tacoplex-copies-'));
  t.teardown(() => {
    rmSync(folder, {recursive: true, force: true});
    rmSync(copies, {recursive: true, force: true});
  });
  const {log, lines} = collectLog('elector');
  const cluster = changes.cluster ?? 'demo';
  const content = new ClusterContent(cluster);
  const disk = new Disk({folder, copies, cluster, leveler: changes.leveler ?? one, content, log});
  return {folder, copies, lines, content, disk};
}

async function filled(t: ExecutionContext) {
  const opened = openDisk(t);
  const value = opened.content.found([{id: one, name: 'leveler1'}], version);
  await opened.disk.store(value, true);
  await opened.disk.save(memory);
  return {...opened, value};
}

test('what was kept is there after a restart', async t => {
  const {folder, value} = await filled(t);

  const {disk, lines} = openDisk(t, {folder});

  t.like(disk.load().value, {digest: value.digest, lineage: value.lineage, version});
  t.deepEqual(disk.load().memory, {form: 1, cluster: 'demo', leveler: one, ...memory} as never);
  t.deepEqual(lines, []);
});

test('files of a process that did not know its promises say so, each by itself', async t => {
  const {folder, disk, value} = await filled(t);
  t.like(openDisk(t, {folder}).disk.load(), {memory: {sound: true}, valueSound: true});

  await disk.store(value, false);
  t.like(openDisk(t, {folder}).disk.load(), {memory: {sound: true}, value: {digest: value.digest}, valueSound: false});
  await disk.save({...memory, sound: false});
  await disk.store(value, true);
  t.like(openDisk(t, {folder}).disk.load(), {memory: {sound: false}, valueSound: true});
});

test('a vote of software that did not say it was sound is', async t => {
  const {folder, disk} = await filled(t);
  await disk.save({...memory, sound: undefined} as never);

  t.like(openDisk(t, {folder}).disk.load(), {memory});
});

test('an empty folder is no fault', t => {
  const {disk, lines} = openDisk(t);

  t.deepEqual(disk.load(), nothing);
  t.deepEqual(lines, []);
});

const damages: readonly [string, (bytes: Buffer) => Buffer, RegExp, RegExp][] = [
  ['empty', () => Buffer.alloc(0), /it is empty/, /it is empty/],
  ['torn', bytes => bytes.subarray(0, bytes.length - 70), /it is torn|no state file/, /it is torn|other form/],
  ['foreign', () => Buffer.from('MZ and more of a program that has nothing to do here'), /no state file/, /it is torn/],
  [
    'flipped in one bit',
    bytes => {
      const flipped = Buffer.from(bytes);
      flipped[60]! ^= 1;
      return flipped;
    },
    /it is torn/,
    /it is torn/,
  ],
];

for (const [what, damage, ofState, ofVote] of damages) {
  test(`files that are ${what} are told in one line each and not used`, async t => {
    const {folder} = await filled(t);
    for (const file of ['state.pb', 'vote.json']) {
      writeFileSync(join(folder, file), damage(readFileSync(join(folder, file))));
    }

    const {disk, lines} = openDisk(t, {folder});

    t.deepEqual(disk.load(), nothing);
    t.is(lines.length, 2);
    t.regex(lines.find(line => line.includes('state.pb')) ?? '', ofState);
    t.regex(lines.find(line => line.includes('vote.json')) ?? '', ofVote);
  });
}

test('a state of a later form is told as such', async t => {
  const {folder} = await filled(t);
  const file = join(folder, 'state.pb');
  const bytes = readFileSync(file);
  bytes.writeUInt16BE(2, 10);
  writeFileSync(file, bytes);

  const {disk, lines} = openDisk(t, {folder});

  t.is(disk.load().value, undefined);
  t.regex(lines[0] ?? '', /it has form 2, and this software knows form 1/);
});

test('the state of another cluster, and the vote of another leveler, are not used', async t => {
  const {folder} = await filled(t);

  const {disk, lines} = openDisk(t, {folder, cluster: 'other', leveler: 2 as LevelerId});

  t.deepEqual(disk.load(), nothing);
  t.is(lines.length, 2);
});

test('a disk that fails is told once, and no vote counts as kept', async t => {
  const {folder, disk, lines, value} = await filled(t);
  rmSync(folder, {recursive: true});
  writeFileSync(folder, 'a file where the folder was');
  chmodSync(folder, 0o600);

  t.false(await disk.save(memory));
  await disk.store(value, true);
  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /error: disk fails, this leveler may not vote/);
});

test('of many writes in a row the last one stays', async t => {
  const {folder, disk} = await filled(t);

  const kept = await Promise.all([5, 6, 7].map(async term => disk.save({...memory, term})));

  t.deepEqual(kept, [true, true, true]);
  t.is(openDisk(t, {folder}).disk.load().memory?.term, 7);
});

test('a new process of the same boot believes the second copies of files that are gone or torn', async t => {
  const {folder, copies, value} = await filled(t);
  rmSync(join(folder, 'vote.json'));
  writeFileSync(join(folder, 'state.pb'), 'torn');

  const {disk, lines} = openDisk(t, {folder, copies});

  t.like(disk.load(), {memory, value: {digest: value.digest}});
  t.true(lines.some(line => /notice: second copy used of=.*vote\.json/.test(line)));
  t.true(lines.some(line => /notice: second copy used of=.*state\.pb/.test(line)));
});

test('what the second copy knew is on the disk again, where the next power cut leaves it', async t => {
  const {folder, copies, value} = await filled(t);
  rmSync(join(folder, 'vote.json'));
  writeFileSync(join(folder, 'state.pb'), '');
  openDisk(t, {folder, copies}).disk.load();

  const afterPowerCut = () => openDisk(t, {folder}).disk.load();
  const isWhole = ({memory: vote, value: state}: ReturnType<typeof afterPowerCut>) =>
    vote !== undefined && state !== undefined;
  for (let look = 0; look < 500 && !isWhole(afterPowerCut()); look++) {
    await wait(10);
  }

  t.like(afterPowerCut(), {memory, value: {digest: value.digest}});
});

test('where the disk fails the second copy knows the newest state and vote', async t => {
  const {folder, copies, content, disk} = await filled(t);
  const newer = content.found([{id: one, name: 'leveler1'}], {...version, index: 3});
  rmSync(folder, {recursive: true});
  writeFileSync(folder, 'a file where the folder was');
  await disk.store(newer, true);
  t.false(await disk.save({...memory, term: 9}));

  const restarted = openDisk(t, {folder, copies}).disk.load();

  t.like(restarted, {memory: {term: 9}, value: {digest: newer.digest}});
});

test('second copies of another boot, torn ones, and those that were forgotten are not used', async t => {
  const {folder, copies, disk} = await filled(t);
  const name = join(copies, 'vote.json');
  const [, ...rest] = readFileSync(name, 'utf8').split('\n');
  rmSync(folder, {recursive: true});

  writeFileSync(name, ['another boot', ...rest].join('\n'));
  writeFileSync(join(copies, 'state.pb'), readFileSync(join(copies, 'state.pb')).subarray(0, 100));
  t.deepEqual(openDisk(t, {folder, copies}).disk.load(), nothing);

  await disk.save(memory);
  await disk.forget();
  t.deepEqual(openDisk(t, {folder, copies}).disk.load(), nothing);
});

test('a vote whose copy can be neither written nor taken away does not count as kept', async t => {
  const {copies, disk} = await filled(t);
  rmSync(join(copies, 'vote.json'));
  mkdirSync(join(copies, 'vote.json'));
  mkdirSync(join(copies, 'vote.json.new'));

  t.false(await disk.save(memory));
});
