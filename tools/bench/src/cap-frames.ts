import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';

/** Of one frame without its check sequence: the reference of the figures in the design. */
export const frameBytes = 100;

/** How many flows the generator sends. */
export const capFlows = 4096;

/**
 * An IPv4 UDP frame of one flow.
 *
 * @param flow 0..16383; each has a source address and a source port of its own
 */
export function udpFrame(destinationMac: Uint8Array, destination: IpAddress, port: number, flow: number): Uint8Array {
  const frame = new Uint8Array(frameBytes);
  const view = new DataView(frame.buffer);
  frame.set(destinationMac, 0);
  frame.set([2, 0, 0, 0, 0x0a, 1], 6);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, frameBytes - 14);
  view.setUint8(22, 64);
  view.setUint8(23, 17);
  frame.set([10, 0, 0, 1 + (flow % 99)], 26);
  frame.set(ipToBytes(destination), 30);
  view.setUint16(24, headerChecksum(view));
  view.setUint16(34, 1024 + flow);
  view.setUint16(36, port);
  view.setUint16(38, frameBytes - 34);
  return frame;
}

/** @see RFC 1071 */
function headerChecksum(view: DataView): number {
  let sum = 0;
  for (let offset = 14; offset < 34; offset += 2) {
    sum += view.getUint16(offset);
  }

  sum = (sum & 0xffff) + (sum >>> 16);
  return ~(sum + (sum >>> 16)) & 0xffff;
}
