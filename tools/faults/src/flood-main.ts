/**
 * flood-main - send forged datagrams of levelers, as many as go out.
 *
 * usage: flood-main FILE INTERFACE TIMES-PER-SECOND SECONDS SEED TO-MAC
 *
 * Takes the levelers' datagrams of a capture, changes a bit of the HMAC of each, and sends them out of the interface to one
 * MAC address, again and again. Their addresses and heads are those of levelers. Prints how many were sent.
 *
 * Needs  CAP_NET_RAW
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {drawFrom} from '@tacoplex/bench';
import {readCapture} from '@tacoplex/explaining';
import {PacketSender} from '@tacoplex/kernel';
import {changeFrame, payloadOf} from './datagrams.ts';

const [, , file = '', interfaceName = '', perSecond = '', seconds = '', seed = '', mac = ''] = process.argv;
const draw = drawFrom(Number(seed));
const links = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', interfaceName], {encoding: 'utf8'})) as {
  readonly ifindex: number;
}[];
const to = Uint8Array.from(mac.split(':'), byte => Number.parseInt(byte, 16));

const frames = [...readCapture(readFileSync(file))].flatMap(({bytes}) => {
  const payload = payloadOf(bytes);
  if (payload === undefined) {
    return [];
  }

  const forged = changeFrame(bytes, payload, 'wrong-mac', draw);
  forged.set(to);
  return [forged];
});
if (frames.length === 0) {
  process.stderr.write(`${file}: no datagrams of levelers in it\n`);
  process.exit(1);
}

const sender = new PacketSender();
let [tried, sent] = [0, 0];
const beganMs = performance.now();
for (let passedMs = 0; passedMs < Number(seconds) * 1000; passedMs = performance.now() - beganMs) {
  // Who has fallen behind does not make up for more than a hundredth of a second
  const due = Math.ceil((passedMs / 1000) * Number(perSecond));
  tried = Math.max(tried, due - Number(perSecond) / 100);
  for (; tried < due; tried++) {
    sent += sender.send(links[0]?.ifindex ?? 0, frames[tried % frames.length] as Uint8Array) ? 1 : 0;
  }

  await pause(1);
}

sender.close();
process.stdout.write(`${sent}\n`);
