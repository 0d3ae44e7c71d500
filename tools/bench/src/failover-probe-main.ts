/**
 * failover-probe - ask a host for an ICMP echo each millisecond. Started by the failover bench in the client's namespace.
 *
 * usage: failover-probe INTERFACE OWN-MAC OWN-ADDRESS ROUTER-MAC ADDRESS
 *
 * Hears  one line of JSON for each question: {"span": …}
 * Says   one line of JSON for each: what `examine` finds in that span. Ends when its input does
 * Needs  CAP_NET_RAW
 */
import {createInterface} from 'node:readline';
import {openCapture} from '@tacoplex/capture';
import {buildEthernet, buildIpv4, buildPing, etherTypes} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import {examine, probeEveryMs, type Span} from './failover-silence.ts';

const mostProbes = 3_600_000; // An hour
const mostAtOnce = 4; // What could not be sent in time is not made up for in a burst
const icmp = 1;
const sequenceAt = 14 + 20 + 6;

const [, , interfaceName = '', source = '', address = '', destination = '', target = ''] = process.argv;
const identifier = process.pid & 0xffff;
const sentMs = new Float64Array(mostProbes);
const answeredMs = new Float64Array(mostProbes);
let count = 0;

const capture = openCapture({
  interfaceName,
  filter: `icmp[icmptype] == icmp-echoreply and icmp[4:2] == ${identifier}`,
  ringBytes: 4_194_304,
  onFrame(frame) {
    const probe = newestWith(frame.readUInt16BE(sequenceAt));
    if (probe >= 0) {
      answeredMs[probe] ||= now();
    }
  },
});

/** Sequence numbers begin again every 65 s: of those probes, the last. */
function newestWith(sequence: number): number {
  const newest = count - 1;
  return newest - ((newest - sequence) & 0xffff);
}

let dueMs = now();
setInterval(() => {
  const nowMs = now();
  dueMs = Math.max(dueMs, nowMs - mostAtOnce * probeEveryMs);
  for (; dueMs <= nowMs && count < mostProbes; dueMs += probeEveryMs) {
    const frame = frameOf(count & 0xffff);
    sentMs[count++] = now();
    capture.send(frame, frame.length);
  }
}, probeEveryMs);

function frameOf(sequence: number): Uint8Array {
  const addresses = {source: address as IpAddress, destination: target as IpAddress};
  const payload = buildPing(addresses, {identifier, sequence, payload: new Uint8Array(32)});
  return buildEthernet({
    destination: destination as MacAddress,
    source: source as MacAddress,
    type: etherTypes.ipv4,
    payload: buildIpv4({...addresses, protocol: icmp, payload}),
  });
}

createInterface({input: process.stdin})
  .on('line', line => {
    const {span} = JSON.parse(line) as {span: Span};
    process.stdout.write(`${JSON.stringify(examine({sentMs, answeredMs, count}, span))}\n`);
  })
  .on('close', () => process.exit(0));

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
