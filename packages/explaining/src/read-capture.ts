import {CaptureError} from './capture-error.ts';
import type {FrameBytes} from './frame-bytes.ts';
import {isPcap, readPcap} from './read-pcap.ts';
import {isPcapng, readPcapng} from './read-pcapng.ts';

export type {FrameBytes} from './frame-bytes.ts';

/**
 * The frames of a capture file, in its order: pcap in both byte orders, with microseconds or nanoseconds, or pcapng.
 * Nothing is copied: the frames are views of `file`.
 *
 * @throws CaptureError where the file cannot be read any further; the frames before have been given out
 */
export function* readCapture(file: Uint8Array): Generator<FrameBytes> {
  if (isPcap(file)) {
    yield* readPcap(file);
  } else if (isPcapng(file)) {
    yield* readPcapng(file);
  } else {
    throw new CaptureError(...whyNoCapture(file));
  }
}

function whyNoCapture([first, second]: Uint8Array): [message: string, advice?: string] {
  if (first === undefined) {
    return ['the file is empty'];
  }

  return first === 0x1f && second === 0x8b
    ? ['the file is compressed', 'unpack it first: gunzip, or zcat FILE | taco explain --pcap -']
    : ['the file is no capture: it begins with no mark of pcap or pcapng', 'make one: tcpdump -i INTERFACE -w FILE'];
}
