import {copyFileSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Operation} from '@tacoplex/cluster';
import {fingerprintOf, type KeyRing, readKeyRing} from '@tacoplex/config';
import {encodeDatagram} from '@tacoplex/datagrams';
import type {Beat, Message, Net} from '@tacoplex/election';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {fromHex, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import {clusterTag} from '../src/cluster-tag.ts';
import {Envelopes} from '../src/envelope.ts';
import {areLevel, type Leveler, Stage} from './stage.ts';

const onNamespaces = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const add = (byHand = false): Operation => ({
  kind: 'addKey',
  fingerprint: '',
  sealed: new Uint8Array(),
  sealedBy: '',
  byHand,
});
const activate = (force = false): Operation => ({kind: 'activateKey', fingerprint: '', force});
const retire = (force = false): Operation => ({kind: 'retireKey', fingerprint: '', force});

const server: Operation = {kind: 'addServer', name: 's1', address: '10.0.1.101' as IpAddress, group: '', weight: 1};

const ringFileOf = ({folder}: Leveler): string => join(folder, 'state/keys.ring');

/** Whether each of them sees that all of them accept so many keys and send with the same one. */
const showKeys = (levelers: readonly Leveler[], count: number): boolean => {
  const ids = levelers.map(({number}) => number);
  const seen = levelers.flatMap(({view}) => view?.peers.filter(({id}) => ids.includes(id)) ?? []);
  const senders = new Set(seen.map(({keySent}) => toHex(keySent)));
  return (
    seen.length === ids.length ** 2 && senders.size === 1 && seen.every(peer => peer.keysAccepted.length === count)
  );
};

const startAll = async (t: {teardown(fn: () => Promise<void>): void}, size: number, mode?: string): Promise<Stage> => {
  const stage = new Stage();
  t.teardown(async () => stage.down());
  await stage.up(size);
  for (const leveler of stage.levelers) {
    leveler.configure(mode);
    leveler.start();
  }

  await stage.until(() => areLevel(stage.levelers) && stage.levelers[0]?.state?.members.length === size);
  await stage.until(() => showKeys(stage.levelers, 1));
  return stage;
};

const senderOf = ({view, number}: Leveler): string =>
  toHex(view?.peers.find(({id}) => id === number)?.keySent ?? new Uint8Array());

const isForNow = /^no |^not heard|: not yet with|: still sending/;

/** Ask until it is done: a busy machine may hold an elector up for a moment. */
const insist = async (stage: Stage, leveler: Leveler, operation: Operation) => {
  for (;;) {
    const answer = await leveler.ask(operation);
    if (!isForNow.test(answer.refusal)) {
      return answer;
    }

    await stage.until(() => leveler.view?.hasMajority === true && leveler.view.leader !== 0);
  }
};

/** All three steps, each as soon as everybody shows the one before. @returns whether nobody was silent meanwhile */
const rotate = async (stage: Stage): Promise<boolean> => {
  const {levelers} = stage;
  const before = levelers.map(({lines}) => lines.length);
  const old = levelers.map(senderOf);
  for (const operation of [add(), activate(), retire()]) {
    const count = operation.kind === 'retireKey' ? 1 : 2;
    const isDone = () =>
      showKeys(levelers, count) &&
      levelers.every((one, index) => (senderOf(one) === old[index]) === (operation.kind === 'addKey'));
    const {refusal} = await insist(stage, levelers[count] as Leveler, operation);
    if (refusal !== '') {
      throw new Error(refusal);
    }

    await stage.until(isDone);
  }

  const since = levelers.flatMap(({lines}, index) => lines.slice(before[index]));
  return !since.some(line => / (warn|error|fatal): | silent |role changed|leader changed/.test(line));
};

onNamespaces('a key is changed in three steps while the beats go on, and nobody loses the leader', async t => {
  const stage = await startAll(t, 3);
  const {levelers} = stage;
  const [one, two] = levelers as [Leveler, Leveler, Leveler];

  let isQuiet = false;
  for (let rotations = 0; rotations < 5 && !isQuiet; rotations++) {
    isQuiet = await rotate(stage); // A busy machine may hold an elector up, but not in each of five rotations
  }

  t.true(isQuiet, one.lines.join('\n'));
  const secrets = readKeyRing(ringFileOf(one)).keys.map(({secret}) => toHex(secret));
  t.true(secrets.length >= 2);
  for (const leveler of levelers) {
    const state = toHex(readFileSync(join(leveler.folder, 'state/state.pb')));
    t.is(statSync(ringFileOf(leveler)).mode & 0o777, 0o600);
    t.false(secrets.some(secret => leveler.lines.join('\n').includes(secret) || state.includes(secret)));
  }

  await two.end('SIGKILL');
  two.start();
  await stage.until(() => two.view !== undefined && areLevel(levelers) && showKeys(levelers, 1));
});

onNamespaces('who misses a rotation stays out, is told what to do, and is back with a copy of the keys', async t => {
  const stage = await startAll(t, 3);
  const [one, two, absent] = stage.levelers as [Leveler, Leveler, Leveler];
  const others = [one, two];
  await absent.end('SIGKILL');
  await stage.until(
    () => others.every(({view}) => view?.peers.find(({id}) => id === 3)?.live === false) && areLevel(others),
  );

  t.like(await insist(stage, one, add()), {refusal: ''});
  await stage.until(() => showKeys(others, 2));
  const refused = await one.ask(activate());
  t.regex(refused.refusal, /^not heard: leveler3, which could not send and hear with [0-9a-f]{8} afterwards$/);
  t.regex(refused.advice, /taco key activate --force, and later bring it a file of taco key export/);
  const old = senderOf(one);
  t.like(await insist(stage, one, activate(true)), {refusal: '', missing: [3]});
  await stage.until(() => showKeys(others, 2) && senderOf(two) !== old);
  t.like(await insist(stage, one, retire(true)), {refusal: ''});
  await stage.until(() => showKeys(others, 1));

  absent.lines.length = 0;
  absent.start();
  await stage.until(() =>
    absent.lines.some(line => /datagrams dropped unknown-key=\d+ advice=".*taco key export/.test(line)),
  );
  t.false(others.some(({view}) => view?.peers.find(({id}) => id === 3)?.live));
  await absent.end('SIGKILL');
  copyFileSync(ringFileOf(one), absent.keyFile);
  absent.start();

  await stage.until(() => absent.view !== undefined && areLevel(stage.levelers) && showKeys(stage.levelers, 1));
  t.is(readKeyRing(ringFileOf(one)).rotation, 3);
});

onNamespaces('who took more steps in a cluster of its own follows those of the one that it joins', async t => {
  const stage = new Stage();
  t.teardown(async () => stage.down());
  await stage.up(2);
  const [one, own] = stage.levelers as [Leveler, Leveler];
  one.configure();
  own.configure();
  own.start();
  await stage.until(() => own.isLeader && own.state !== undefined && showKeys([own], 1));
  for (const operation of [add(), retire(), add(), retire()]) {
    t.like(await insist(stage, own, operation), {refusal: ''});
    await stage.until(() => showKeys([own], operation.kind === 'addKey' ? 2 : 1));
  }

  await own.end('SIGKILL');
  for (const lost of ['state/state.pb', 'state/vote.json', 'run/elector']) {
    rmSync(join(own.folder, lost), {recursive: true, force: true});
  }

  one.start();
  await stage.until(() => one.isLeader && one.state !== undefined);
  own.start();
  await stage.until(() => areLevel(stage.levelers) && one.state?.members.length === 2 && showKeys(stage.levelers, 1));
  t.is(readKeyRing(ringFileOf(own)).rotation, 4);
  for (const operation of [add(), activate(), retire()]) {
    t.like(await insist(stage, one, operation), {refusal: ''});
    await stage.until(() => showKeys(stage.levelers, operation.kind === 'retireKey' ? 1 : 2));
  }

  const {rotation, lineage} = readKeyRing(ringFileOf(own));
  t.is(rotation, 3);
  t.like(readKeyRing(ringFileOf(one)), {rotation, lineage});
  await own.end('SIGKILL');
  own.start();
  await stage.until(() => own.view !== undefined && areLevel(stage.levelers) && showKeys(stage.levelers, 1));
});

onNamespaces('a straggler that has the next key is let in by who is permissive', async t => {
  const stage = await startAll(t, 3, 'permissive');
  const [one, two, straggler] = stage.levelers as [Leveler, Leveler, Leveler];
  const others = [one, two];
  const old = senderOf(one);
  t.like(await insist(stage, one, add()), {refusal: ''});
  await stage.until(() => showKeys(stage.levelers, 2));
  await straggler.end('SIGKILL');
  await stage.until(
    () => others.every(({view}) => view?.peers.find(({id}) => id === 3)?.live === false) && areLevel(others),
  );
  t.like(await insist(stage, one, activate(true)), {refusal: ''});
  await stage.until(() => showKeys(others, 2) && senderOf(two) !== old);
  t.like(await insist(stage, one, retire(true)), {refusal: ''});
  await stage.until(() => showKeys(others, 1));

  straggler.start();

  await stage.until(() => straggler.view !== undefined && areLevel(stage.levelers) && showKeys(stage.levelers, 1));
  t.true(one.lines.some(line => /warn: retired key believed, as the config file wants it leveler=3/.test(line)));
});

onNamespaces('a key that is brought by hand never goes over a net', async t => {
  const stage = await startAll(t, 2);
  const [one, two] = stage.levelers as [Leveler, Leveler];
  t.regex((await one.ask(add(true))).refusal, /cluster\.key\.new: cannot be read \(ENOENT\)/);

  writeFileSync(`${one.keyFile}.new`, 'ab'.repeat(32), {mode: 0o600});
  t.like(await insist(stage, one, add(true)), {refusal: ''});
  await stage.until(() => one.view?.peers.find(({id}) => id === 1)?.keysAccepted.length === 2);
  await stage.until(() => two.lines.some(line => /keys cannot follow the cluster .*brought by hand/.test(line)));
  t.regex((await one.ask(activate())).refusal, /leveler2: not yet with key [0-9a-f]{8} on its disk$/);
  copyFileSync(`${one.keyFile}.new`, `${two.keyFile}.new`);
  await stage.until(() => showKeys(stage.levelers, 2));
  t.like(await insist(stage, two, activate()), {refusal: ''});

  const wanted = fingerprintOf(fromHex('ab'.repeat(32)) ?? new Uint8Array());
  await stage.until(() => stage.levelers.every(leveler => senderOf(leveler) === wanted));
});

onNamespaces('who is to receive only hears the others, and is heard by nobody', async t => {
  const stage = new Stage();
  t.teardown(async () => stage.down());
  await stage.up(2);
  const [speaker, listener] = stage.levelers as [Leveler, Leveler];
  listener.configure('receive-only');
  listener.start();
  speaker.start();

  await stage.until(() => listener.view?.peers.some(({id, live}) => id === 1 && live) === true && areLevel([speaker]));

  t.like(listener.view, {mayForward: false, securityMode: 'receive-only'});
  t.is(listener.state, undefined);
  t.regex((await listener.ask(server)).refusal, /^this leveler only listens/);
  t.regex((await listener.leave()).refusal, /^this leveler only listens/);
  t.deepEqual(
    speaker.view?.peers.map(({id}) => id),
    [1],
  );
  t.is(await listener.end('SIGTERM'), 0);
});

const noBeat: Omit<Message & {readonly kind: 'fetch'}, never> = {kind: 'fetch', have: undefined};
const beat: Beat = {
  kind: 'beat',
  beat: 1,
  term: 99,
  role: 'leader',
  leader: 77 as LevelerId,
  leaving: false,
  sound: true,
  asking: false,
  held: undefined,
  kept: false,
  committed: undefined,
  applied: undefined,
  lineage: undefined,
  memberCount: 9,
  forks: 0,
  witness: false,
  proofAgeMs: 0,
  caretaking: 'idle',
  echoes: [],
  about: {name: 'stranger', a: undefined, b: undefined, reachesA: true, reachesB: true, claims: []},
};

/** What somebody who has a key, or has none, could send on net A. */
const forge = (
  ring: Pick<KeyRing, 'keys'>,
  {cluster = 'stage', net = 'a' as Net, body = beat as Beat | Message} = {},
): Buffer => {
  const header = {nonce: 'ab'.repeat(8), sequence: 1, net, to: undefined, echo: undefined};
  return new Envelopes(ring).seal(77 as LevelerId, encodeDatagram(clusterTag(cluster), header, body));
};

onNamespaces('each kind of datagram that must not count is counted in its class, and changes nothing', async t => {
  const stage = await startAll(t, 2);
  const [one, two] = stage.levelers as [Leveler, Leveler];
  const {state} = one;
  const ring = readKeyRing(one.keyFile);
  const secret = new Uint8Array(32);
  const strange = {keys: [{secret, fingerprint: fingerprintOf(secret), stage: 'current' as const}]};
  const good = forge(ring);
  const wrongMac = Buffer.from(good);
  wrongMac[wrongMac.length - 1]! ^= 1;
  const classes: Readonly<Record<string, readonly Buffer[]>> = {
    malformed: [Buffer.from('garbage'), good.subarray(0, 20)],
    'bad-mac': [wrongMac, good.subarray(0, good.length - 8), withSender(good, 2)],
    'unknown-key': [forge(strange)],
    'wrong-cluster': [forge(ring, {cluster: 'other'})],
    'wrong-net': [forge(ring, {net: 'b'})],
    stale: [forge(ring, {body: noBeat})],
    replay: [good, good],
  };
  const countOf = (name: string): number => one.view?.losses.find(loss => loss.name === name)?.value ?? 0;
  const before = Object.fromEntries(Object.keys(classes).map(name => [name, countOf(name)]));

  stage.runIn(two, sendAll(Object.values(classes).flat()));

  const added = {malformed: 2, 'bad-mac': 3, 'unknown-key': 1, 'wrong-cluster': 1, 'wrong-net': 1, stale: 1, replay: 2};
  await stage.until(() => Object.entries(added).every(([name, count]) => countOf(name) >= (before[name] ?? 0) + count));
  for (const [name, count] of Object.entries(added)) {
    t.is(countOf(name), (before[name] ?? 0) + count, name);
  }

  t.deepEqual({...one.state, version: 0}, {...state, version: 0});
  t.not(one.view?.leader, 77);
  t.true((one.view?.term ?? 99) < 99);
  t.false(one.view?.peers.find(({id}) => id === 77)?.live ?? false);
  t.like(await insist(stage, two, server), {refusal: ''});
});

function withSender(datagram: Buffer, sender: number): Buffer {
  const changed = Buffer.from(datagram);
  changed.writeUInt16BE(sender, 6);
  return changed;
}

function sendAll(datagrams: readonly Buffer[]): string {
  return `
    import {createSocket} from 'node:dgram';
    const socket = createSocket('udp4');
    for (const hex of ${JSON.stringify(datagrams.map(toHex))}) {
      await new Promise(resolve => socket.send(Buffer.from(hex, 'hex'), 7848, '10.0.0.1', resolve));
    }
    socket.close();
  `;
}
