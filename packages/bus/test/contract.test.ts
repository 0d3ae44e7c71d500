import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import type {Handlers, Process} from '@tacoplex/messages';
import {collectLog, MemoryNetwork} from '@tacoplex/testkit';
import test from 'ava';
import {type Bus, openBus} from '../src/index.ts';

type Place = {
  open: <P extends Process>(process: P) => Promise<Bus<P>>;
  /** Resolves when `isDone` holds; what it waits for is bounded by the test's own limit. */
  until: (isDone: () => boolean) => Promise<void>;
  leave: () => void;
};

const kinds: Readonly<Record<string, () => Place>> = {
  'in memory': () => {
    const network = new MemoryNetwork();
    return {
      open: async process => network.createPort(process),
      until: async () => network.settle(),
      leave: () => {},
    };
  },
  'over ZeroMQ': () => {
    const folder = mkdtempSync(join(tmpdir(), 'taco-bus-'));
    return {
      open: async process => openBus(process, folder, collectLog(process).log),
      async until(isDone) {
        while (!isDone()) {
          await pause(5);
        }
      },
      leave: () => rmSync(folder, {recursive: true}),
    };
  },
};

const hearing = (heard: number[]): Handlers<'arp-announcer'> => ({
  'elector.view': ({term}) => heard.push(term),
  'elector.state': () => {},
});

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: a listener gets the last word at once, and each one after`, async t => {
    const place = open();
    const elector = await place.open('elector');
    elector.say('elector.view', {term: 6});
    elector.say('elector.view', {term: 7});
    const heard: number[] = [];
    const announcer = await place.open('arp-announcer');
    t.teardown(async () => {
      await Promise.all([elector.close(), announcer.close()]);
      place.leave();
    });

    announcer.hear(hearing(heard));
    await place.until(() => heard.includes(7));
    elector.say('elector.view', {term: 8});
    await place.until(() => heard.includes(8));

    t.is(heard.at(-1), 8);
    t.deepEqual(
      heard,
      heard.toSorted((one, other) => one - other),
    );
  });

  test(`${kind}: a speaker that comes later, or comes again, is heard`, async t => {
    const place = open();
    const heard: number[] = [];
    const announcer = await place.open('arp-announcer');
    announcer.hear(hearing(heard));

    const first = await place.open('elector');
    first.say('elector.view', {term: 1});
    await place.until(() => heard.includes(1));
    await first.close();
    const second = await place.open('elector');
    second.say('elector.view', {term: 2});
    await place.until(() => heard.includes(2));
    t.teardown(async () => {
      await Promise.all([second.close(), announcer.close()]);
      place.leave();
    });

    t.is(heard.at(-1), 2);
  });

  test(`${kind}: a question gets its own answer`, async t => {
    const place = open();
    const [broker, elector] = [await place.open('admin-broker'), await place.open('elector')];
    t.teardown(async () => {
      await Promise.all([broker.close(), elector.close()]);
      place.leave();
    });
    elector.answer({
      'elector.leave': async () => ({}),
      'elector.command': async ({command}) => ({refusal: `not ${command?.addGroup?.name}`}),
    });

    const answers = await Promise.all(
      ['a', 'b', 'c'].map(async name => broker.ask('elector.command', {command: {addGroup: {name}}}, 10_000)),
    );

    t.deepEqual(
      answers.map(({refusal}) => refusal),
      ['not a', 'not b', 'not c'],
    );
  });

  test(`${kind}: a question nobody answers ends with a word about who did not`, async t => {
    const place = open();
    const broker = await place.open('admin-broker');
    t.teardown(async () => {
      await broker.close();
      place.leave();
    });

    const error = await t.throwsAsync(broker.ask('elector.command', {}, 100), {instanceOf: WorldError});

    t.is(error?.facts.code, 'NO_ANSWER');
  });
}
