/**
 * probe-main - ask a host for an ICMP echo each millisecond and tell when it was silent.
 *
 * usage: probe-main ADDRESS
 *
 * Prints `silence FROM TO` (CLOCK_MONOTONIC, ms) for each time between two answers of more than 10 ms, and
 * `end SENT RECEIVED` when it is asked to stop.
 * Needs  CAP_NET_RAW
 */
import raw from 'raw-socket';

const periodMs = 1;
const worthTellingMs = 10;
const echoRequest = 8;
const echoReply = 0;
const identifier = process.pid & 0xffff;

const [, , target = ''] = process.argv;
const socket = raw.createSocket({protocol: raw.Protocol.ICMP, bufferSize: 2048});
const packet = Buffer.alloc(64);
let [sent, received, lastReply] = [0, 0, now()];

socket.on('message', (message: Buffer) => {
  const header = ((message[0] ?? 0) & 15) * 4;
  if (message[header] !== echoReply || message.readUInt16BE(header + 4) !== identifier) {
    return;
  }

  const at = now();
  if (at - lastReply > worthTellingMs) {
    process.stdout.write(`silence ${lastReply.toFixed(1)} ${at.toFixed(1)}\n`);
  }

  received++;
  lastReply = at;
});
socket.on('error', () => {}); // A net that is gone for a moment is what we are here to measure

const timer = setInterval(() => {
  packet[0] = echoRequest;
  packet.writeUInt16BE(0, 2);
  packet.writeUInt16BE(identifier, 4);
  packet.writeUInt16BE(sent & 0xffff, 6);
  raw.writeChecksum(packet, 2, raw.createChecksum(packet));
  socket.send(packet, 0, packet.length, target, () => {});
  sent++;
}, periodMs);

process.once('SIGTERM', () => {
  clearInterval(timer);
  process.stdout.write(`end ${sent} ${received}\n`, () => process.exit(0));
});

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
