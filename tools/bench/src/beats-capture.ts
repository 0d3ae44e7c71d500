/** When which leveler's datagram came by, by the kernel's clock. */
export type Sighting = {readonly sender: number; readonly atMs: number};

const fileHeadBytes = 24;
const recordHeadBytes = 16;
const microseconds = 0xa1b2c3d4;

/** Ethernet, IPv4 without options, UDP; then the envelope, whose sender stands at 6. */
const senderAt = 14 + 20 + 8 + 6;

/**
 * Read what tcpdump recorded of the beats on a wire.
 *
 * @param file a pcap file of Ethernet frames, little-endian, microseconds; its last record may be cut off
 * @throws RangeError if it is another file
 */
export function readSightings(file: Buffer): Sighting[] {
  if (file.length < fileHeadBytes || file.readUInt32LE(0) !== microseconds) {
    throw new RangeError('no pcap file of this machine');
  }

  const sightings: Sighting[] = [];
  let at = fileHeadBytes;
  while (at + recordHeadBytes <= file.length) {
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
    const frame = file.subarray(at + recordHeadBytes, at + recordHeadBytes + file.readUInt32LE(at + 8));
    if (frame.length >= senderAt + 2) {
      sightings.push({sender: frame.readUInt16BE(senderAt), atMs});
    }

    at += recordHeadBytes + frame.length;
  }

  return sightings;
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
