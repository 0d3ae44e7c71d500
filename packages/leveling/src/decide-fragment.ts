import {addressAt, deliverTo} from './decide.ts';
import type {Decision} from './decision.ts';
import type {FragmentMemory} from './fragment-memory.ts';
import type {ForwardingImage} from './image.ts';
import {serviceRecord} from './image-layout.ts';
import {firstFragment, isIcmp, type Packet, whole} from './packet.ts';
import {reasonNumbers, verdicts} from './reasons.ts';
import {findEchoService, findService} from './service-lookup.ts';

const fragmentLater = reasonNumbers['fragment-later'];

/** Whether `decideFragment` may know more of a packet, or should know of it. */
export function isFragment({fragment}: Packet): boolean {
  return fragment !== whole;
}

/**
 * Say what becomes of a fragment, now that it is known which ones came before. A first fragment that is forwarded is
 * remembered, whatever its affinity; a later one that cannot be told by itself follows it, whatever the table says now.
 * What cannot follow yet has the verdict `hold`. `out.bin` of one that follows is -1.
 *
 * @param nowMs never goes back
 * @param out what `decide` said of this frame; whole packets and quoted ones are left as they are
 * @returns whether it was remembered: what waits for the datagram of `memory.key` may follow it now
 */
export function decideFragment(
  image: ForwardingImage,
  memory: FragmentMemory,
  frame: Uint8Array,
  nowMs: number,
  out: Decision,
): boolean {
  const {packet} = out;
  if (packet.fragment === firstFragment && !packet.isQuoted && out.verdict === 'forward') {
    memory.remember(frame, packet, out.server, nowMs);
    return true;
  }

  if (out.reason === fragmentLater) {
    const slot = memory.find(frame, packet, nowMs);
    if (slot !== -1) {
      out.reason = follow(image, memory, frame, slot, out);
      out.verdict = verdicts[out.reason]!;
    }
  }

  return false;
}

function follow(
  image: ForwardingImage,
  memory: FragmentMemory,
  frame: Uint8Array,
  slot: number,
  out: Decision,
): number {
  const {packet} = out;
  packet.protocol = memory.protocolAt(slot);
  const address = addressAt(image, frame, packet, packet.destination);
  const service = isIcmp(packet)
    ? findEchoService(image, address)
    : findService(image, address, packet.protocol, memory.destinationPortAt(slot));
  if (service === -1) {
    return reasonNumbers['no-service'];
  }

  out.service = service;
  out.group = image.services[service * serviceRecord.bytes + serviceRecord.group]!;
  return deliverTo(image.servers, memory.serverAt(slot), out);
}
