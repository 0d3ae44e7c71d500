import {CaptureError} from './capture-error.ts';

/** A frame, or the beginning of one that was cut when it was captured. */
export type FrameBytes = {
  /** From the destination MAC address on. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole frame, not less than there are in `bytes`. */
  readonly length: number;
};

/** No tool captures longer frames. @see libpcap, MAXIMUM_SNAPLEN */
export const longestFrame = 262_144;

const ethernet = 1;

/** Names of the link types that people meet by mistake. @see LINKTYPE_ values, tcpdump.org */
const linkTypes: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  101: 'raw IP',
  105: 'Wi-Fi',
  113: 'Linux "any"',
  127: 'Wi-Fi with radiotap',
  228: 'raw IPv4',
  229: 'raw IPv6',
  276: 'Linux "any"',
};

/** @throws CaptureError unless frames of this link type begin with an Ethernet header */
export function demandEthernet(linkType: number): void {
  if (linkType !== ethernet) {
    const name = linkTypes[linkType];
    throw new CaptureError(
      `the capture has link type ${linkType}${name === undefined ? '' : ` (${name})`}, not Ethernet`,
      'capture on one Ethernet interface: tcpdump -i INTERFACE -w FILE',
    );
  }
}

/**
 * The frame at `offset`.
 *
 * @param where what to call the place, such as `record 3`
 * @param end where whatever holds the frame ends
 * @throws CaptureError if the file does not have it, or no frame can be that long
 */
export function takeFrame(
  file: Uint8Array,
  where: string,
  {offset, end, captured, length}: {offset: number; end: number; captured: number; length: number},
): FrameBytes {
  if (captured > longestFrame || length > longestFrame) {
    throw new CaptureError(
      `${where} says that it has a frame of ${Math.max(captured, length)} bytes: none is that long`,
    );
  }

  if (offset + captured > end) {
    throw new CaptureError(
      `${where} says that it has ${captured} bytes of a frame, but has ${Math.max(0, end - offset)}`,
    );
  }

  return {bytes: file.subarray(offset, offset + captured), length: Math.max(captured, length)};
}
