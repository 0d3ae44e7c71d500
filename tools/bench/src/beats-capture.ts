import {readRecords} from './pcap-records.ts';

/** When which leveler's datagram came by, by the kernel's clock. */
export type Sighting = {readonly sender: number; readonly atMs: number};

/** Ethernet, IPv4 without options, UDP; then the envelope, whose sender stands at 6. */
const senderAt = 14 + 20 + 8 + 6;

/**
 * Read what tcpdump recorded of the beats on a wire.
 *
 * @param file a pcap file of Ethernet frames, little-endian, microseconds; its last record may be cut off
 * @throws RangeError if it is another file
 */
export function readSightings(file: Buffer): Sighting[] {
  return readRecords(file)
    .filter(({frame}) => frame.length >= senderAt + 2)
    .map(({atMs, frame}) => ({sender: frame.readUInt16BE(senderAt), atMs}));
}

/** The times between one sender's datagrams, of all senders; ms. */
export function gapsOf(sightings: readonly Sighting[]): number[] {
  const last = new Map<number, number>();
  const gaps: number[] = [];
  for (const {sender, atMs} of sightings) {
    const lastMs = last.get(sender);
    if (lastMs !== undefined) {
      gaps.push(atMs - lastMs);
    }

    last.set(sender, atMs);
  }

  return gaps;
}
