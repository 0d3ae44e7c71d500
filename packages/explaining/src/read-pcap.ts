import {CaptureError} from './capture-error.ts';
import {demandEthernet, type FrameBytes, takeFrame} from './frame-bytes.ts';

const headerBytes = 24;
const recordBytes = 16;
/** Times in microseconds, in nanoseconds. */
const marks: readonly number[] = [0xa1b2c3d4, 0xa1b23c4d];
/** The upper bits tell of a check sequence behind each frame, which does not matter here. */
const linkTypeMask = 0x03ff_ffff;

/** Whether this is a pcap file, of either byte order. */
export function isPcap(file: Uint8Array): boolean {
  return file.length >= 4 && isLittleEndian(viewOf(file)) !== undefined;
}

/**
 * The frames of a pcap file.
 *
 * @throws CaptureError
 * @see draft-ietf-opsawg-pcap
 */
export function* readPcap(file: Uint8Array): Generator<FrameBytes> {
  const view = viewOf(file);
  const isLittle = isLittleEndian(view) ?? false;
  if (file.length < headerBytes) {
    throw new CaptureError(`the file ends within its header, after ${file.length} bytes of ${headerBytes}`);
  }

  const version = `${view.getUint16(4, isLittle)}.${view.getUint16(6, isLittle)}`;
  if (version !== '2.4') {
    throw new CaptureError(`the file has version ${version} of pcap: only 2.4 is read`);
  }

  demandEthernet(view.getUint32(20, isLittle) & linkTypeMask);
  yield* readRecords(file, view, isLittle);
}

function* readRecords(file: Uint8Array, view: DataView, isLittle: boolean): Generator<FrameBytes> {
  let offset = headerBytes;
  for (let number = 1; offset < file.length; number++) {
    const where = `record ${number} (at byte ${offset})`;
    if (offset + recordBytes > file.length) {
      throw new CaptureError(`${where} is cut: the file ends within its header`);
    }

    const captured = view.getUint32(offset + 8, isLittle);
    const length = view.getUint32(offset + 12, isLittle);
    yield takeFrame(file, where, {offset: offset + recordBytes, end: file.length, captured, length});
    offset += recordBytes + captured;
  }
}

function isLittleEndian(view: DataView): boolean | undefined {
  return [true, false].find(isLittle => marks.includes(view.getUint32(0, isLittle)));
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}
