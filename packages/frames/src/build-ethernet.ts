import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {etherTypes} from './ethernet.ts';
import {joinBytes} from './join-bytes.ts';

/** A VLAN tag. @see IEEE 802.1Q, 9.6 */
export type VlanTag = {
  readonly id: number; // 0..4094; 0: priority only
  readonly priority?: number; // 0..7, default 0
  readonly type?: number; // Default 0x8100; 0x88a8 for a provider's tag
};

export type EthernetFrame = {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  readonly tags?: readonly VlanTag[]; // Outermost first
  readonly type: number; // See `etherTypes`; below 1,536 it is an 802.3 length
  readonly payload: Uint8Array;
};

/** @returns the frame without check sequence, not padded */
export function buildEthernet({destination, source, tags = [], type, payload}: EthernetFrame): Uint8Array {
  const words = [
    ...tags.flatMap(({id, priority = 0, type: tagType = etherTypes.vlan}) => [tagType, (priority << 13) | id]),
    type,
  ];
  return joinBytes(
    macToBytes(destination),
    macToBytes(source),
    Uint8Array.from(words.flatMap(word => [word >> 8, word & 0xff])),
    payload,
  );
}

/** Fill a frame with zeros to the shortest length that Ethernet carries, 60 bytes. */
export function padded(frame: Uint8Array, length = 60): Uint8Array {
  return frame.length < length ? joinBytes(frame, new Uint8Array(length - frame.length)) : frame;
}
