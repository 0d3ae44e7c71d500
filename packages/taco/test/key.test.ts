import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {digestOfRing, fingerprintOf, formatKeyRing, type KeyRing, readKeyRing} from '@tacoplex/config';
import {tacoplex} from '@tacoplex/messages';
import test from 'ava';
import {describeKeys, printKeys} from '../src/key-document.ts';
import {schemas} from '../src/schemas.ts';
import {plainStyle} from '../src/text.ts';
import {LevelerOnDisk, runTaco} from './leveler-on-disk.ts';
import {digest, healthy, received} from './sample-status.ts';

const {KeyStage} = tacoplex.state.v1;
const next = Uint8Array.of(0x99, 0x88, 0x77, 0x66, 0, 0, 0, 2);
const [first, second] = healthy.view.peers;

/** What a cluster shows: the keys in its state, and those of its two levelers. */
const show = (stages: readonly [Uint8Array, number][], one: object, other: object) =>
  describeKeys(
    received({
      ...healthy,
      view: {
        ...healthy.view,
        peers: [
          {...first, ...one},
          {...second, ...other},
        ],
      },
      state: {
        ...healthy.state,
        keyRotation: stages.length,
        keys: stages.map(([fingerprint, stage]) => ({fingerprint, stage})),
      },
    }),
  );
const [one, both] = [{keysAccepted: [digest]}, {keysAccepted: [digest, next]}];
const withNext: [Uint8Array, number][] = [
  [digest, KeyStage.CURRENT],
  [next, KeyStage.NEXT],
];
const rotated: [Uint8Array, number][] = [
  [next, KeyStage.CURRENT],
  [digest, KeyStage.PREVIOUS],
];

for (const [title, document, advice] of [
  ['before any rotation', show([], one, one), 'to change the key: taco key add'],
  [
    'in a newborn cluster of levelers that had other keys before',
    show([], one, both),
    'leveler1 accepts keys of an earlier cluster too; give them up with: taco key retire',
  ],
  [
    'while a leveler lacks the next key',
    show(withNext, one, both),
    'wait for leveler0; if that lasts, there: taco logs elector',
  ],
  [
    'when all have the next key',
    show(withNext, both, both),
    'every leveler that is heard has the next key; go on with: taco key activate',
  ],
  [
    'while a leveler sends with the previous key',
    show(rotated, both, {...both, keySent: next}),
    'wait for leveler0 to send with 99887766',
  ],
  [
    'when all send with the current key',
    show(rotated, {...both, keySent: next}, {...both, keySent: next}),
    'every leveler that is heard sends with the current key; end with: taco key retire',
  ],
] as const) {
  test(`the list of keys says what to type next: ${title}`, t => {
    t.is(document.advice, advice);
    t.notThrows(() => schemas['taco-key-list'].parse(document));
  });
}

test('the list of keys names who has which, and who is not heard', t => {
  const text = printKeys(show(withNext, both, {...both, live: false}), plainStyle);

  t.is(
    text,
    `  KEY       STAGE    ON        NOT YET ON  NOT HEARD
  1a2b3c4d  current  leveler0  -           leveler1
  99887766  next     leveler0  -           leveler1

every leveler that is heard has the next key; go on with: taco key activate`,
  );
});

test('keys are exported to a new file that only its owner can read, and nowhere else', async t => {
  const leveler = new LevelerOnDisk();
  t.teardown(async () => leveler.stop());
  const [key, file] = [join(leveler.folder, 'cluster.key'), join(leveler.folder, 'copy')];
  const taco = async (...words: string[]) => runTaco(['-f', leveler.configFile, ...words], {});
  t.like(await taco('key', 'export', file), {exit: 2});
  t.is((await taco('key', 'generate', key)).exit, 0);
  const secret = readFileSync(key, 'utf8').trim();
  const {stdout, exit} = await taco('key', 'export', file, '--json');

  t.is(exit, 0);
  t.is(statSync(file).mode & 0o777, 0o600);
  t.deepEqual(schemas['taco-key-file'].parse(JSON.parse(stdout)).file, file);
  t.false(stdout.includes(secret));
  t.like(readKeyRing(file), {rotation: 0, cluster: 'demo', keys: {length: 1, 0: {stage: 'current'}}});
  t.regex((await taco('key', 'export', file)).stderr, /is there already/);
});

test('an exported file says in which lineage it counts, has no retired key, and is like no other', async t => {
  const leveler = new LevelerOnDisk();
  t.teardown(async () => leveler.stop());
  const keyFile = join(leveler.folder, 'cluster.key');
  const [old, now] = [1, 2].map(number => {
    const secret = new Uint8Array(32).fill(number);
    return {secret, fingerprint: fingerprintOf(secret)};
  });
  const keys = [{...now!, stage: 'current'} as const, {...old!, stage: 'retired'} as const];
  const lineage = 'a'.repeat(16);
  const ring = {rotation: 3, cluster: 'demo', lineage, keyFile: '', copy: '', keys};
  writeFileSync(keyFile, formatKeyRing(ring), {mode: 0o600});

  const files = [`${keyFile}.copy`, `${keyFile}.again`];
  for (const file of files) {
    t.is((await runTaco(['-f', leveler.configFile, 'key', 'export', file], {})).exit, 0);
  }

  const [one, other] = files.map(readKeyRing) as [KeyRing, KeyRing];
  t.like(one, {rotation: 3, lineage, keyFile: '', keys: {length: 1, 0: {fingerprint: now!.fingerprint}}});
  t.deepEqual(one.keys, other.keys);
  t.not(digestOfRing(one), digestOfRing(other));
});

test('steps are asked of the leader, an id that is none is not understood, and a refusal says what to do', async t => {
  const leveler = new LevelerOnDisk();
  t.teardown(async () => leveler.stop());
  await leveler.startBroker();
  await leveler.startElector();
  const taco = async (words: string) => runTaco(words.split(' '), {TACOPLEX_SOCKET: leveler.runFolder});

  t.like(await taco('key activate xyz'), {exit: 2, stdout: ''});
  const {exit, stderr} = await taco('key activate');
  t.is(exit, 1);
  t.regex(stderr, /there is no next key\n.*taco key add/);
  t.like(await taco('key retire 99887766'), {exit: 0, stdout: 'nothing to change\nlook with: taco key list\n'});
  await leveler.stopBroker(); // By then the last line is written
  const audited = readFileSync(join(leveler.folder, 'log/audit.log'), 'utf8').trim().split('\n');
  t.deepEqual(
    audited.map(line => JSON.parse(line).command),
    ['activate key', 'retire key 99887766'],
  );
});
