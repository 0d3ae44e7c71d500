/**
 * pester-main - misuse the admin-broker's socket, as whoever is of its group can.
 *
 * usage: pester-main SOCKET WAY SECONDS
 *
 * WAY: large, one question of 64 MiB; unread, 5,000 questions whose answers nobody reads; malformed, messages that are none,
 * 10,000 a second for as long. Then it waits until SECONDS are over. Prints how many messages were taken from it.
 *
 * Needs  root: it becomes nobody, of the group tacoplex
 */
import {setTimeout as pause} from 'node:timers/promises';
import {encodeQuestion} from '@tacoplex/messages';
import {Dealer} from 'zeromq';

const [, , socket = '', way = '', seconds = ''] = process.argv;
const largeBytes = 64 * 1_048_576;
const unreadCount = 5000;
const malformedPerSecond = 10_000;
const stepMs = 5;

process.setgroups?.([]);
process.setgid?.('tacoplex');
process.setuid?.('nobody');

const untilMs = performance.now() + Number(seconds) * 1000;
const dealer = new Dealer({linger: 0, sendTimeout: 100, receiveHighWaterMark: 1});
dealer.connect(`ipc://${socket}`);
const sent = await pester();
await pause(Math.max(0, untilMs - performance.now()));
dealer.close();
process.stdout.write(`${sent}\n`);

async function pester(): Promise<number> {
  switch (way) {
    case 'large':
      return sendAll([ask(1, Buffer.alloc(largeBytes))]);
    case 'unread': {
      const question = Buffer.from(encodeQuestion('admin.ask', {status: {}}));
      return sendAll(Array.from({length: unreadCount}, (_, index) => ask(index, question)));
    }
    default:
      return sendMalformed();
  }
}

function ask(number: number, question: Buffer): (string | Buffer)[] {
  const id = Buffer.alloc(8);
  id.writeUInt32BE(number);
  return ['ask', 'admin.ask', id, question];
}

async function sendMalformed(): Promise<number> {
  const noise = Buffer.alloc(300, 0xff);
  const kinds = [
    [noise],
    ['ask'],
    ['ask', 'admin.ask', noise, noise],
    ['ask', 'admin.ask', Buffer.of(1), noise],
    ['ask', 'no.such', Buffer.of(1), noise],
    ['said', 'elector.state', noise],
  ];
  const beganMs = performance.now();
  let [offered, taken] = [0, 0];
  while (performance.now() < untilMs) {
    const due = Math.ceil(((performance.now() - beganMs) / 1000) * malformedPerSecond);
    for (; offered < due && performance.now() < untilMs; offered++) {
      taken += await sendAll([kinds[offered % kinds.length] ?? []]);
    }

    await pause(stepMs);
  }

  return taken;
}

/** @returns how many of them were taken */
async function sendAll(messages: readonly (string | Buffer)[][]): Promise<number> {
  let taken = 0;
  for (const message of messages) {
    taken += await dealer.send(message).then(
      () => 1,
      () => 0, // The broker reads too slowly, and need not do better
    );
  }

  return taken;
}
