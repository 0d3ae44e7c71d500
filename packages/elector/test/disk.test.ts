import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {collectLog, HandClock} from '@tacoplex/testkit';
import type {LevelerId} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {ClusterContent} from '../src/content.ts';
import {Disk} from '../src/disk.ts';
import {unpackState} from '../src/disk-files.ts';

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
  const clock = new HandClock();
  const faults: string[] = [];
  const onFault = (fault: string): void => {
    faults.push(fault);
  };
  const disk = new Disk({folder, copies, cluster, leveler: changes.leveler ?? one, content, clock, log, onFault});
  return {folder, copies, clock, lines, faults, content, disk};
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

test('a state file with any bit flipped is not used, those that say whether it is sound included', async t => {
  const {folder, disk, value} = await filled(t);
  await disk.store(value, false);
  const whole = readFileSync(join(folder, 'state.pb'));

  for (let bit = 0; bit < 8 * 64; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    t.true('fault' in unpackState(flipped), `bit ${bit}`);
  }
});

test('a state file of the form before is read, with what it says of its soundness', async t => {
  const {folder, disk, value} = await filled(t);
  const file = join(folder, 'state.pb');
  for (const sound of [true, false]) {
    await disk.store(value, sound);
    writeFileSync(file, asFormerForm(readFileSync(file)));
    t.like(openDisk(t, {folder}).disk.load(), {value: {digest: value.digest}, valueSound: sound});
  }

  const spoilt = readFileSync(file);
  spoilt[14] = 1;
  writeFileSync(file, spoilt);
  t.is(openDisk(t, {folder}).disk.load().value, undefined);
});

/** As software wrote it that kept the head out of the checksum. */
function asFormerForm(file: Buffer): Buffer {
  const former = Buffer.from(file);
  former.writeUInt16BE(1, 10);
  createHash('sha256').update(former.subarray(48)).digest().copy(former, 16);
  return former;
}

test('a state of a later form is told as such', async t => {
  const {folder} = await filled(t);
  const file = join(folder, 'state.pb');
  const bytes = readFileSync(file);
  bytes.writeUInt16BE(3, 10);
  writeFileSync(file, bytes);

  const {disk, lines} = openDisk(t, {folder});

  t.is(disk.load().value, undefined);
  t.regex(lines[0] ?? '', /it has form 3, and this software knows forms 1 and 2/);
});

test('the state of another cluster, and the vote of another leveler, are not used', async t => {
  const {folder} = await filled(t);

  const {disk, lines} = openDisk(t, {folder, cluster: 'other', leveler: 2 as LevelerId});

  t.deepEqual(disk.load(), nothing);
  t.is(lines.length, 2);
});

test('what cannot be written counts as kept once the disk works again, and not before', async t => {
  const {folder, clock, disk, lines, value} = await filled(t);
  const outcomes: string[] = [];
  const note = async (what: string, writing: Promise<boolean>): Promise<void> => {
    outcomes.push(`${what}: ${await writing}`);
  };
  block(folder);

  const vote = note('vote', disk.save(memory));
  const state = note('state', disk.store(value, true));
  await untilLines(lines, 2);
  clock.advance(1000);
  await settled();
  t.deepEqual(outcomes, []);

  rmSync(folder);
  await untilTried(clock, () => outcomes.length === 2);
  await Promise.all([vote, state]);
  t.deepEqual(outcomes.toSorted(), ['state: true', 'vote: true']);
  t.like(openDisk(t, {folder}).disk.load(), {memory, value: {digest: value.digest}});
});

test('each file that cannot be written is told once, and once more when it can be, whatever becomes of the other', async t => {
  const {folder, clock, disk, lines, faults, value} = await filled(t);
  mkdirSync(join(folder, '.state.pb.new'));
  const state = disk.store(value, true);
  await untilLines(lines, 1);
  await disk.save(memory);
  clock.advance(1000);
  await settled();

  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /error: disk fails, this leveler acknowledges no change file=.*state\.pb reason=EISDIR/);

  const other = join(folder, '.vote.json.new');
  mkdirSync(other);
  const vote = disk.save({...memory, term: 9});
  await untilLines(lines, 2);
  t.regex(lines[1] ?? '', /error: disk fails, this leveler may not vote file=.*vote\.json reason=EISDIR/);
  rmSync(other, {recursive: true});
  await untilTried(clock, () => lines.length === 3);
  t.true(await vote);

  t.regex(lines[2] ?? '', /notice: disk works again file=.*vote\.json/);
  t.deepEqual(faults, ['state.pb: EISDIR', 'state.pb: EISDIR, vote.json: EISDIR', 'state.pb: EISDIR']);
  rmSync(join(folder, '.state.pb.new'), {recursive: true});
  await untilTried(clock, () => lines.length === 4);
  t.true(await state);
  t.is(faults.at(-1), '');
});

test('what cannot be written is given up for what is newer', async t => {
  const {folder, clock, disk, lines, content} = await filled(t);
  const [older, newer] = [3, 4].map(index => content.found([{id: one, name: 'leveler1'}], {...version, index}));
  mkdirSync(join(folder, '.state.pb.new'));
  const first = disk.store(older!, true);
  await untilLines(lines, 1);
  const second = disk.store(newer!, true);
  rmSync(join(folder, '.state.pb.new'), {recursive: true});
  let outcome: boolean | undefined;
  void first.then(done => {
    outcome = done;
  });
  await untilTried(clock, () => outcome !== undefined);
  await untilTried(clock, () => lines.length === 2);

  t.false(outcome);
  t.true(await second);
  t.is(openDisk(t, {folder}).disk.load().value?.digest, newer?.digest);
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

test('what only a second copy knows is at risk, and no promise, until it is on the disk', async t => {
  const {folder, copies, value} = await filled(t);
  rmSync(join(folder, 'vote.json'));
  writeFileSync(join(folder, 'state.pb'), '');
  const {disk} = openDisk(t, {folder, copies});

  t.deepEqual(disk.load().atRisk, {memory: true, value: true, older: undefined});
  await disk.save(memory);
  await disk.store(value, true);

  t.is(disk.load().atRisk, undefined);
  t.like(openDisk(t, {folder}).disk.load(), {memory, value: {digest: value.digest}, atRisk: undefined});
});

test('where the disk fails the second copy knows the newest state and vote, and the disk what was promised', async t => {
  const {folder, copies, content, disk, lines, value} = await filled(t);
  const newer = content.found([{id: one, name: 'leveler1'}], {...version, index: 3});
  for (const name of ['.state.pb.new', '.vote.json.new']) {
    mkdirSync(join(folder, name));
  }

  void disk.store(newer, true);
  void disk.save({...memory, term: 9});
  await untilLines(lines, 2);

  t.like(openDisk(t, {folder, copies}).disk.load(), {
    memory: {term: 9},
    value: {digest: newer.digest},
    atRisk: {memory: true, value: true, older: {digest: value.digest}},
  });
  t.like(openDisk(t, {folder}).disk.load(), {memory: {term: 4}, value: {digest: value.digest}, atRisk: undefined});
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
  const {copies, disk, clock, faults} = await filled(t);
  rmSync(join(copies, 'vote.json'));
  mkdirSync(join(copies, 'vote.json'));
  mkdirSync(join(copies, 'vote.json.new'));

  const saving = disk.save(memory);
  await untilTried(clock, () => faults.length > 0);

  t.deepEqual(faults, ['vote.json: its second copy can be neither written nor taken away']);
  rmSync(join(copies, 'vote.json'), {recursive: true});
  rmSync(join(copies, 'vote.json.new'), {recursive: true});
  await untilTried(clock, () => faults.length > 1);
  t.true(await saving);
});

/** From now on nothing can be written there. */
function block(folder: string): void {
  rmSync(folder, {recursive: true});
  writeFileSync(folder, 'a file where the folder was');
}

/** Let what the system has been asked for come to its end. */
async function settled(): Promise<void> {
  await wait(50);
}

async function untilLines(lines: readonly string[], count: number): Promise<void> {
  for (let look = 0; look < 500 && lines.length < count; look++) {
    await wait(10);
  }
}

/** Let seconds pass on the clock of the disk until something has come of it. */
async function untilTried(clock: HandClock, hasCome: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !hasCome(); look++) {
    clock.advance(1000);
    await wait(10);
  }
}
