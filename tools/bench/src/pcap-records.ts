const fileHeadBytes = 24;
const recordHeadBytes = 16;
const microseconds = 0xa1b2c3d4;

/** A frame and when it came by: the kernel's wall clock, ms. */
export type PcapRecord = {readonly atMs: number; readonly frame: Buffer};

/**
 * Read what tcpdump recorded.
 *
 * @param file a pcap file of Ethernet frames, little-endian, microseconds; its last record may be cut off
 * @throws RangeError if it is another file
 */
export function readRecords(file: Buffer): PcapRecord[] {
  if (file.length < fileHeadBytes || file.readUInt32LE(0) !== microseconds) {
    throw new RangeError('no pcap file of this machine');
  }

  const records: PcapRecord[] = [];
  let at = fileHeadBytes;
  while (at + recordHeadBytes <= file.length) {
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
    const frame = file.subarray(at + recordHeadBytes, at + recordHeadBytes + file.readUInt32LE(at + 8));
    records.push({atMs, frame});
    at += recordHeadBytes + frame.length;
  }

  return records;
}
