import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {type Key, shownOf, type WantedKeys} from '@tacoplex/cluster';
import {
  type Config,
  digestOfRing,
  type FoundRing,
  formatKeyRing,
  type KeyRing,
  type RingKey,
  readKeyRing,
  readRing,
  ringFile,
} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import {collectLog, HandClock} from '@tacoplex/testkit';
import {toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import {KeyKeeper} from '../src/key-keeper.ts';
import {drawKey, sealSecret, unsealSecret} from '../src/key-secrets.ts';

const [ours, theirs] = ['a'.repeat(16), 'b'.repeat(16)] as const;
const first = {...drawKey(), stage: 'current'} as const;

const ringOf = (rotation: number, lineage: string, ...keys: RingKey[]): KeyRing => ({
  rotation,
  cluster: 'demo',
  lineage,
  keyFile: '',
  copy: '',
  keys,
});

/** A keeper with a folder of its own, and a way to wait until it uses another ring. */
const openKeeper = ({state = '', ring: other = {} as Partial<FoundRing>} = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-keeper-'));
  const {log, lines} = collectLog('elector');
  const clock = new HandClock();
  const keyFile = join(folder, 'cluster.key');
  const ring: FoundRing = {...ringOf(0, '', first), cluster: '', isBrought: false, ...other};
  writeFileSync(keyFile, toHex(first.secret), {mode: 0o600});
  let changed = (_ring: KeyRing): void => {};
  const keeper = new KeyKeeper({
    ring,
    keyFile,
    folder: join(folder, state),
    cluster: 'demo',
    clock,
    log,
    onChange: now => changed(now),
  });
  const follow = async (keys: WantedKeys): Promise<KeyRing> =>
    new Promise(resolve => {
      changed = resolve;
      keeper.follow(keys);
    });
  const next = async (): Promise<KeyRing> =>
    new Promise(resolve => {
      changed = resolve;
    });
  return {folder, keyFile, lines, clock, keeper, follow, next};
};

const stateOf = (keyRotation: number, ...keys: Key[]): WantedKeys => ({keyRotation, lineage: ours, keys});
const current: Key = {fingerprint: first.fingerprint, stage: 'current', sealed: undefined};
const configOf = (folder: string, name = 'demo'): Pick<Config, 'cluster' | 'paths'> => ({
  cluster: {name, keyFile: join(folder, 'cluster.key'), port: 1, multicast: '' as Config['cluster']['multicast']},
  paths: {run: folder, state: folder, log: folder},
});

test('a sealed key opens with the key it was sealed with, under its own name, and in no other way', t => {
  const [key, under, other] = [drawKey(), drawKey(), drawKey()];
  const sealed = sealSecret(key, under);

  t.deepEqual(unsealSecret(sealed, key.fingerprint, under), key);
  t.is(unsealSecret(sealed, key.fingerprint, other), undefined);
  t.is(unsealSecret(sealed, other.fingerprint, under), undefined);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Uint8Array.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    t.is(unsealSecret(changed, key.fingerprint, under), undefined, `bit ${bit}`);
  }

  t.false(toHex(sealed).includes(toHex(key.secret)));
});

test('a new key is on the disk, for its owner alone, before it is used', async t => {
  const {folder, keeper, follow, lines} = openKeeper();
  const {fingerprint, sealed, sealedBy} = keeper.addition({byHand: false});

  const ring = await follow(stateOf(1, current, {fingerprint, stage: 'next', sealed: {bytes: sealed, by: sealedBy}}));

  t.deepEqual(readKeyRing(ringFile(folder)), ring);
  t.is(statSync(ringFile(folder)).mode & 0o777, 0o600);
  t.deepEqual(shownOf(ring), {accepts: [first.fingerprint, fingerprint], sends: first.fingerprint});
  const {isBrought, ...kept} = readRing(configOf(folder));
  t.false(isBrought);
  t.deepEqual({...kept, keyFile: ''}, ring);
  const secrets = ring.keys.map(({secret}) => toHex(secret));
  t.false(secrets.some(secret => lines.join('\n').includes(secret)));
});

test('what cannot be written is not used, told once, and tried again', async t => {
  const {folder, keeper, lines, clock, next} = openKeeper({state: 'state'});
  const state = join(folder, 'state');
  writeFileSync(state, 'a file where a folder should be');
  const {fingerprint, sealed, sealedBy} = keeper.addition({byHand: false});

  keeper.follow(stateOf(1, current, {fingerprint, stage: 'next', sealed: {bytes: sealed, by: sealedBy}}));
  while (lines.length === 0) {
    await pause(1);
  }

  t.regex(
    lines.join('\n'),
    /^elector: error: keys cannot follow the cluster reason="cannot write .*keys\.ring: E\w+"$/,
  );
  t.is(keeper.ring.rotation, 0);
  rmSync(state);
  const changed = next();
  clock.advance(1000);
  t.is((await changed).rotation, 1);
});

test('a key that nobody here can open is told, and the keys stay as they are', t => {
  const {keeper, lines} = openKeeper();
  const [strange, under] = [drawKey(), drawKey()];
  const sealed = {bytes: sealSecret(strange, under), by: under.fingerprint};

  keeper.follow(stateOf(3, {fingerprint: strange.fingerprint, stage: 'current', sealed}));
  keeper.stop();

  t.is(keeper.ring.rotation, 0);
  t.regex(
    lines.join('\n'),
    /error: keys cannot follow the cluster reason="key [0-9a-f]{8} is not here: .*taco key export/,
  );
});

test('a key that is brought by hand is looked for again until it is there', async t => {
  const {keyFile, keeper, lines, clock, next} = openKeeper();
  const key = drawKey();
  keeper.follow(stateOf(1, current, {fingerprint: key.fingerprint, stage: 'next', sealed: undefined}));
  t.regex(lines.join('\n'), /is to be brought by hand: put it into .*cluster\.key\.new/);

  writeFileSync(`${keyFile}.new`, toHex(key.secret), {mode: 0o600});
  const changed = next();
  clock.advance(1000);

  t.deepEqual(shownOf(await changed).accepts, [first.fingerprint, key.fingerprint]);
});

test('a leveler that led a cluster of its own counts the steps of the one that it joins', async t => {
  const {folder, keeper, follow} = openKeeper({ring: {...ringOf(8, theirs, first), isBrought: false}});
  const {fingerprint, sealed, sealedBy} = keeper.addition({byHand: false});

  const next = {fingerprint, stage: 'next', sealed: {bytes: sealed, by: sealedBy}} as const;
  const ring = await follow(stateOf(1, current, next));

  t.like(ring, {rotation: 1, lineage: ours});
  t.deepEqual(readKeyRing(ringFile(folder)), ring);
  t.deepEqual(shownOf(ring), {accepts: [first.fingerprint, fingerprint], sends: first.fingerprint});
});

test('keys that were brought are not undone by the state that lay on the disk, and follow what comes after it', async t => {
  const {keeper, follow} = openKeeper({ring: {...ringOf(2, theirs, first), isBrought: true}});
  const {fingerprint, sealed, sealedBy} = keeper.addition({byHand: false});
  const before = stateOf(3, current, {fingerprint, stage: 'next', sealed: {bytes: sealed, by: sealedBy}});

  keeper.note(before);
  keeper.follow(before);

  t.like(keeper.ring, {rotation: 2, lineage: theirs});
  const ring = await follow({...before, keyRotation: 4});
  t.like(ring, {rotation: 4, lineage: ours, keys: {length: 2}});
});

/** Which of two files is taken at the start, as an elector leaves and an operator lays them. */
const openFiles = () => {
  const {folder, keyFile} = openKeeper();
  const write = (file: string, ring: KeyRing) => writeFileSync(file, formatKeyRing(ring), {mode: 0o600});
  return {
    folder,
    keyFile,
    bring: (ring: KeyRing) => write(keyFile, ring),
    keep: (ring: KeyRing) => write(ringFile(folder), ring),
    read: () => readRing(configOf(folder)),
  };
};

test('of the kept keys and those of the key file, the later rotation counts', t => {
  for (const lineage of ['', ours]) {
    const {folder, keyFile, bring, keep, read} = openFiles();
    t.like(read(), {rotation: 0, isBrought: false});

    keep(ringOf(2, ours, first));
    t.like(read(), {rotation: 2, isBrought: false});
    bring(ringOf(3, lineage, first));
    t.like(read(), {rotation: 3, isBrought: true});
    bring(ringOf(1, lineage, first));
    t.like(read(), {rotation: 2, isBrought: false});
    t.throws(() => readRing(configOf(folder, 'other')), {
      instanceOf: ConfigError,
      message: /holds the keys of the cluster demo, not of other/,
    });
    t.true(readFileSync(keyFile, 'utf8').startsWith('tacoplex key ring 1\ncluster demo\n'));
  }
});

test('a key file beside which none were kept is an enrolment, and the state of the leveler is no older', async t => {
  const {bring, read} = openFiles();
  bring(ringOf(7, theirs, first));
  const {keeper, follow} = openKeeper({ring: read()});
  const named = stateOf(1, current);

  keeper.note(named);
  t.like(await follow(named), {rotation: 1, lineage: ours});
});

test('a key file of another lineage counts if it was not there when the keys were kept, however low its rotation', t => {
  const {bring, keep, read} = openFiles();
  keep(ringOf(9, theirs, first));
  bring(ringOf(2, ours, first));
  t.like(read(), {rotation: 2, lineage: ours, isBrought: true});

  for (const old of [ringOf(9, ours, first), ringOf(9, '', first)]) {
    bring(old);
    keep({...ringOf(2, theirs, first), keyFile: digestOfRing(old)});
    t.like(read(), {rotation: 2, lineage: theirs, isBrought: false});
  }
});

test('what is kept says which key file lay there', async t => {
  const {folder, follow} = openKeeper({ring: {keyFile: 'c'.repeat(16)}});
  await follow(stateOf(1, current));

  t.is(readKeyRing(ringFile(folder)).keyFile, 'c'.repeat(16));
});
