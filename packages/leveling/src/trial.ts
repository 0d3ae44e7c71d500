import {trialIdentifier} from '@tacoplex/vocabulary';
import {protocols} from './packet.ts';

const ethernetBytes = 14;
const plainHeader = 0x45; // IPv4 without options
const echoRequest = 8;

/**
 * Whether a frame is a ping that levelers try each other with: it goes its way as any other, and is no traffic. Twin of `is_trial` in
 * bpf/parsing.h.
 *
 * @param frame without VLAN tag; longer than `length` is possible
 */
export function isTrial(frame: Uint8Array, length: number): boolean {
  const icmpAt = ethernetBytes + 20;
  return (
    length >= icmpAt + 8 &&
    frame[ethernetBytes] === plainHeader &&
    frame[ethernetBytes + 9] === protocols.icmp &&
    frame[icmpAt] === echoRequest &&
    frame[icmpAt + 4] === trialIdentifier >> 8 &&
    frame[icmpAt + 5] === (trialIdentifier & 0xff)
  );
}
