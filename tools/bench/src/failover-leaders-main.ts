/**
 * failover-leaders - tell when a leveler first says that it leads. Started by the failover bench where the bridges are.
 *
 * usage: failover-leaders BRIDGE PORT
 *
 * Says   `watching`, then `leader SENDER TERM MS` (CLOCK_MONOTONIC) for the first beat in which a sender leads a term
 * Needs  CAP_NET_RAW. Ends when its input does
 */
import {openCapture} from '@tacoplex/capture';
import {tacoplex} from '@tacoplex/messages';

const [, , interfaceName = '', port = ''] = process.argv;
const udpPayload = 14 + 20 + 8; // Electors send no IP options
const head = 12;
const mac = 16;
const leading = 3; // `role` of a beat
const seen = new Set<string>();

openCapture({
  interfaceName,
  filter: `udp dst port ${port} and ip[0] == 0x45`,
  ringBytes: 4_194_304,
  onFrame(frame, length) {
    const beat = readBeat(frame.subarray(udpPayload, length));
    const name = `${frame.readUInt16BE(udpPayload + 6)} ${beat?.term}`;
    if (beat?.role === leading && !seen.has(name)) {
      seen.add(name);
      process.stdout.write(`leader ${name} ${Number(process.hrtime.bigint()) / 1e6}\n`);
    }
  },
});
process.stdout.write('watching\n');
process.stdin.resume().on('end', () => process.exit(0));

/** What is said is signed, and not secret. */
function readBeat(datagram: Uint8Array): {readonly role?: number | null; readonly term?: number | null} | undefined {
  try {
    const {beat} = tacoplex.cluster.v1.Datagram.decode(datagram.subarray(head, -mac));
    return beat ? tacoplex.cluster.v1.Beat.decode(beat) : undefined;
  } catch {
    return undefined; // Another form of datagram, or none of ours
  }
}
