import {mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {collectLog} from '@tacoplex/testkit';
import test from 'ava';
import {Dealer, Router} from 'zeromq';
import {endpointOf, openBus} from '../src/index.ts';

const folderFor = (t: {teardown: (end: () => void) => void}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-bus-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  return folder;
};

const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) {
    await pause(5);
  }
};

test('bytes that are no message are dropped with one line, and the next message is heard', async t => {
  const folder = folderFor(t);
  const {log, lines} = collectLog('arp-announcer');
  mkdirSync(join(folder, 'own'));
  const speaker = new Router({linger: 0});
  await speaker.bind(endpointOf('elector', folder));
  const announcer = await openBus('arp-announcer', folder, log);
  t.teardown(async () => {
    speaker.close();
    await announcer.close();
  });
  const heard: number[] = [];
  announcer.hear({'elector.view': ({term}) => heard.push(term), 'elector.state': () => {}});
  const [route] = await speaker.receive();

  await speaker.send([route!, 'said', 'elector.view', Buffer.from([0xff])]);
  await speaker.send([route!, 'said', 'elector.view', Buffer.from([0x20, 5])]);
  await until(() => heard.length > 0);

  t.deepEqual(heard, [5]);
  t.is(lines.filter(line => line.startsWith('arp-announcer: warn: message dropped topic=elector.view')).length, 1);
});

test('a listener that stalls misses older values, never the newest', async t => {
  const folder = folderFor(t);
  const elector = await openBus('elector', folder, collectLog('elector').log);
  const stalled = new Dealer({linger: 0, receiveHighWaterMark: 1});
  stalled.connect(endpointOf('elector', folder));
  t.teardown(async () => {
    stalled.close();
    await elector.close();
  });
  await stalled.send(['listen', 'elector.state']);
  await stalled.send(['ask', 'elector.command', Buffer.from([1]), Buffer.alloc(0)]);
  elector.answer({'elector.command': async () => ({}), 'elector.leave': async () => ({})});
  const state = Buffer.alloc(200_000);

  const last = 400;
  for (let index = 1; index <= last; index++) {
    state.writeUInt32BE(index);
    elector.say('elector.state', {state, digest: Uint8Array.of(index >> 8, index & 255)});
    if (index % 20 === 0) {
      await pause(1);
    }
  }

  const heard: number[] = [];
  while (heard.at(-1) !== last) {
    const [kind, , bytes] = await stalled.receive();
    if (kind?.toString() === 'said') {
      heard.push(((bytes?.at(-2) ?? 0) << 8) | (bytes?.at(-1) ?? 0));
    }
  }

  t.true(heard.length < last);
  t.deepEqual(
    heard,
    heard.toSorted((one, other) => one - other),
  );
});

test('garbage on the socket harms nobody', async t => {
  const folder = folderFor(t);
  const {log, lines} = collectLog('elector');
  const elector = await openBus('elector', folder, log);
  const stranger = new Dealer({linger: 0});
  stranger.connect(endpointOf('elector', folder));
  const broker = await openBus('admin-broker', folder, collectLog('admin-broker').log);
  t.teardown(async () => {
    stranger.close();
    await Promise.all([elector.close(), broker.close()]);
  });
  elector.answer({'elector.command': async () => ({refusal: 'no'}), 'elector.leave': async () => ({})});

  await stranger.send(['what', 'is', 'this']);
  await stranger.send(['ask', 'elector.command', 'id', Buffer.from([0xff])]);
  await stranger.send(['ask', 'unknown.request', 'id', Buffer.alloc(0)]);
  await until(() => lines.length === 3);

  t.is((await broker.ask('elector.command', {}, 10_000)).refusal, 'no');
});

test("only the admin-broker's socket is outside the folder of the processes' own", async t => {
  const folder = folderFor(t);
  const all = ['elector', 'frame-forwarder', 'arp-announcer', 'admin-broker'] as const;
  const buses = await Promise.all(all.map(async name => openBus(name, folder, collectLog(name).log)));
  t.teardown(async () => Promise.all(buses.map(async bus => bus.close())));

  t.is(statSync(join(folder, 'own')).mode & 0o777, 0o700);
  t.true(statSync(join(folder, 'admin-broker.sock')).isSocket());
  for (const name of ['elector', 'frame-forwarder', 'arp-announcer']) {
    t.true(statSync(join(folder, 'own', `${name}.sock`)).isSocket());
  }
});

test('who sends more than a question may be is cut off before it is read, and the others are answered', async t => {
  const folder = folderFor(t);
  const elector = await openBus('elector', folder, collectLog('elector').log);
  const stranger = new Dealer({linger: 0, sendHighWaterMark: 1});
  const broker = await openBus('admin-broker', folder, collectLog('admin-broker').log);
  t.teardown(async () => {
    stranger.close();
    await Promise.all([elector.close(), broker.close()]);
  });
  let asked = 0;
  elector.answer({
    'elector.command': async () => {
      asked++;
      return {refusal: 'no'};
    },
    'elector.leave': async () => ({}),
  });
  const cut = new Promise<void>(resolve => {
    stranger.events.on('disconnect', () => resolve());
  });
  stranger.connect(endpointOf('elector', folder));

  await stranger.send(['ask', 'elector.command', 'id', Buffer.alloc(64 * 1_048_576)]);
  await cut;

  t.is((await broker.ask('elector.command', {}, 10_000)).refusal, 'no');
  t.is(asked, 1);
});

test('who reads no answers is answered no more, and the others are', async t => {
  const folder = folderFor(t);
  const {log, lines} = collectLog('elector');
  const elector = await openBus('elector', folder, log);
  const mute = new Dealer({linger: 0, receiveHighWaterMark: 1});
  const broker = await openBus('admin-broker', folder, collectLog('admin-broker').log);
  t.teardown(async () => {
    mute.close();
    await Promise.all([elector.close(), broker.close()]);
  });
  let answered = 0;
  const refusal = 'x'.repeat(1_000_000);
  elector.answer({
    'elector.command': async () => {
      answered++;
      return {refusal};
    },
    'elector.leave': async () => ({}),
  });
  mute.connect(endpointOf('elector', folder));
  for (let index = 0; index < 2000; index++) {
    await mute.send(['ask', 'elector.command', Buffer.from(`q${index}`), Buffer.alloc(0)]);
  }

  await mute.send(['that', 'was', 'all']);
  await until(() => lines.some(line => line.includes('neither listens nor asks')));

  t.is(lines.length, 2, 'one line for 2,000 questions');
  t.regex(lines[0] ?? '', /message dropped reason="its sender has asked too much/);
  t.true(answered < 200, `${answered} answers of 1 MB are waiting`);
  t.is((await broker.ask('elector.command', {}, 10_000)).refusal, refusal);
});
