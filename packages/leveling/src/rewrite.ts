import type {Decision} from './decision.ts';
import type {ForwardingImage} from './image.ts';
import {serverRecord} from './image-layout.ts';

/**
 * Address a frame that was decided `forward` to its server. Its first 12 bytes change, no other.
 *
 * @param frame at least 12 bytes
 * @param sourceMac 6 bytes, of our net B interface
 */
export function rewrite(
  frame: Uint8Array,
  {servers}: ForwardingImage,
  {server}: Decision,
  sourceMac: Uint8Array,
): void {
  const mac = server * serverRecord.bytes + serverRecord.mac;
  for (let index = 0; index < 6; index++) {
    frame[index] = servers[mac + index]!;
    frame[6 + index] = sourceMac[index]!;
  }
}
