/**
 * storm-main - ask by ARP again and again, as a switch with a loop in its cables repeats one question.
 *
 * usage: storm-main INTERFACE ASKER-IP ASKED-IP PER-SECOND SECONDS
 *
 * Prints how many frames a second were sent: as many as wanted, or as many as half of a processor can.
 *
 * Needs  CAP_NET_RAW
 */
import {broadcastRequest, buildArpFrame} from '@tacoplex/frames';
import {PacketSender} from '@tacoplex/kernel';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import {indexOf} from './interface-index.ts';

const [, , interfaceName = '', asker = '', asked = '', perSecond = '', seconds = ''] = process.argv;
const mostAtOnce = 64;
const leastNapMs = 0.2;
const mac = '02:00:0a:00:00:fa' as MacAddress;

const frame = buildArpFrame(broadcastRequest(mac, asker as IpAddress, asked as IpAddress));
const sender = new PacketSender();
const index = indexOf(interfaceName);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const beganMs = performance.now();
const untilMs = beganMs + Number(seconds) * 1000;
let sent = 0;
for (let nowMs = beganMs; nowMs < untilMs; nowMs = performance.now()) {
  const due = Math.floor(((nowMs - beganMs) / 1000) * Number(perSecond)) - sent;
  for (let count = Math.min(due, mostAtOnce); count > 0; count--) {
    sent += sender.send(index, frame) ? 1 : 0;
  }

  // It goes before all else, so half of the time must be left
  Atomics.wait(sleeper, 0, 0, Math.max(leastNapMs, performance.now() - nowMs));
}

sender.close();
process.stdout.write(`${Math.round((sent * 1000) / (performance.now() - beganMs))}\n`);
