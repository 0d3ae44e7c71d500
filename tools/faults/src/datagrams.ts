/** How a recorded datagram of a leveler is changed before it is sent again. */
export const changes = ['none', 'noise', 'wrong-mac', 'cut-mac', 'unknown-key', 'other-sender'] as const;
export type Change = (typeof changes)[number];

const headerBytes = {ethernet: 14, udp: 8} as const;
const clusterPort = 7848;
/** Offsets in the levelers' envelope: the sender's number in 2 bytes, the key's in 4, and at the end 16 of HMAC. */
const envelope = {sender: 6, key: 8, macBytes: 16} as const;

/** Where the payload of a frame begins that is a datagram between levelers; undefined for any other. */
export function payloadOf(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 42 || view.getUint16(12) !== 0x0800 || view.getUint8(23) !== 17) {
    return undefined;
  }

  const udp = headerBytes.ethernet + (view.getUint8(14) & 15) * 4;
  return frame.length >= udp + headerBytes.udp && view.getUint16(udp + 2) === clusterPort
    ? udp + headerBytes.udp
    : undefined;
}

/**
 * A copy of a frame that is a datagram between levelers, changed.
 *
 * @param payload as `payloadOf` gave it
 * @param draw a whole number below its argument
 */
export function changeFrame(
  frame: Uint8Array,
  payload: number,
  change: Change,
  draw: (below: number) => number,
): Uint8Array {
  const length = change === 'cut-mac' ? frame.length - 1 - draw(envelope.macBytes) : frame.length;
  const changed = frame.slice(0, length);
  const turn = (at: number): void => {
    changed[at] = (changed[at] ?? 0) ^ (1 << draw(8));
  };
  switch (change) {
    case 'none':
      return changed;
    case 'noise':
      for (let at = payload; at < length; at++) {
        changed[at] = draw(256);
      }
      break;
    case 'wrong-mac':
      turn(length - 1 - draw(envelope.macBytes));
      break;
    case 'unknown-key':
      turn(payload + envelope.key + draw(4));
      break;
    case 'other-sender':
      turn(payload + envelope.sender + 1);
      break;
    case 'cut-mac':
      break;
  }

  return mend(changed, payload);
}

/** Lengths and IP checksum are right again; a UDP checksum of 0 is none. */
function mend(frame: Uint8Array, payload: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const [ip, udp] = [headerBytes.ethernet, payload - headerBytes.udp];
  view.setUint16(ip + 2, frame.length - ip);
  view.setUint16(udp + 4, frame.length - udp);
  view.setUint16(udp + 6, 0);
  view.setUint16(ip + 10, 0);
  let sum = 0;
  for (let at = ip; at < udp; at += 2) {
    sum += view.getUint16(at);
  }

  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(ip + 10, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
  return frame;
}
