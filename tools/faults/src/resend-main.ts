/**
 * resend-main - send the levelers' datagrams of a capture again, as they were or changed.
 *
 * usage: resend-main FILE INTERFACE TIMES-PER-SECOND CHANGE SEED [MAC]
 *
 * From the first to the last, so many a second, out of the interface. CHANGE: none, noise, wrong-mac, cut-mac,
 * unknown-key or other-sender. MAC: only what this interface had sent. Prints how many were sent.
 *
 * Needs  CAP_NET_RAW
 */
import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {drawFrom} from '@tacoplex/bench';
import {readCapture} from '@tacoplex/explaining';
import {PacketSender} from '@tacoplex/kernel';
import {type Change, changeFrame, payloadOf} from './datagrams.ts';
import {indexOf} from './interface-index.ts';

const [, , file = '', interfaceName = '', perSecond = '', change = '', seed = '', mac = ''] = process.argv;
const stepMs = 10;
const draw = drawFrom(Number(seed));
const index = indexOf(interfaceName);
const sender = new PacketSender();

const frames = [...readCapture(readFileSync(file))].flatMap(({bytes}) => {
  const payload = payloadOf(bytes);
  return payload === undefined || (mac !== '' && mac !== sourceOf(bytes))
    ? []
    : [changeFrame(bytes, payload, change as Change, draw)];
});
let sent = 0;
const began = performance.now();
while (sent < frames.length) {
  const due = Math.min(frames.length, Math.ceil(((performance.now() - began) / 1000) * Number(perSecond)));
  for (; sent < due; sent++) {
    sender.send(index, frames[sent] ?? new Uint8Array());
  }

  await pause(stepMs);
}

sender.close();
process.stdout.write(`${sent}\n`);

function sourceOf(frame: Uint8Array): string {
  return [...frame.subarray(6, 12)].map(byte => byte.toString(16).padStart(2, '0')).join(':');
}
