import {type IpAddress, ipFromBytes, ipToBytes, type MacAddress, macFromBytes, macToBytes} from '@tacoplex/vocabulary';
import {broadcastMac, ethernetHeaderBytes, etherTypes, shortestFrameBytes, zeroMac} from './ethernet.ts';

/** One ARP message between Ethernet and IPv4. @see RFC 826 */
export type ArpPacket = {
  readonly operation: 'request' | 'reply';
  readonly senderMac: MacAddress;
  readonly senderIp: IpAddress;
  readonly targetMac: MacAddress; // In a request: zeros, or whatever the asker put there
  readonly targetIp: IpAddress;
};

export type ArpFrame = {readonly source: MacAddress; readonly destination: MacAddress; readonly arp: ArpPacket};

const arpBytes = 28;
const hardwareEthernet = 1;
const operations = {request: 1, reply: 2} as const;

/**
 * Read an ARP frame. Only what is well-formed is told: Ethernet and IPv4 with their address lengths, request
 * or reply, sent by the MAC address that the frame came from, and that one no group address.
 *
 * @param length bytes of the frame; `frame` may be longer
 * @returns undefined for every other frame
 */
export function parseArpFrame(frame: Uint8Array, length: number): ArpFrame | undefined {
  if (length < ethernetHeaderBytes + arpBytes || length > frame.length) {
    return undefined;
  }

  const view = new DataView(frame.buffer, frame.byteOffset, length);
  const operation = view.getUint16(20);
  const source = macFromBytes(frame, 6);
  const isWellFormed =
    view.getUint16(12) === etherTypes.arp &&
    view.getUint16(14) === hardwareEthernet &&
    view.getUint16(16) === etherTypes.ipv4 &&
    view.getUint16(18) === 0x06_04 && // Lengths of a MAC and an IPv4 address
    (operation === operations.request || operation === operations.reply) &&
    macFromBytes(frame, 22) === source &&
    (view.getUint8(6) & 1) === 0;
  if (!isWellFormed) {
    return undefined;
  }

  return {
    source,
    destination: macFromBytes(frame, 0),
    arp: {
      operation: operation === operations.request ? 'request' : 'reply',
      senderMac: source,
      senderIp: ipFromBytes(frame.slice(28, 32)),
      targetMac: macFromBytes(frame, 32),
      targetIp: ipFromBytes(frame.slice(38, 42)),
    },
  };
}

/**
 * @returns 60 bytes: the shortest Ethernet frame, zeros behind the ARP message
 * @throws RangeError if an address is not IPv4
 */
export function buildArpFrame({source, destination, arp}: ArpFrame): Uint8Array {
  const frame = new Uint8Array(shortestFrameBytes);
  const view = new DataView(frame.buffer);
  frame.set(macToBytes(destination), 0);
  frame.set(macToBytes(source), 6);
  view.setUint16(12, etherTypes.arp);
  view.setUint16(14, hardwareEthernet);
  view.setUint16(16, etherTypes.ipv4);
  view.setUint16(18, 0x06_04);
  view.setUint16(20, operations[arp.operation]);
  frame.set(macToBytes(arp.senderMac), 22);
  frame.set(ipv4ToBytes(arp.senderIp), 28);
  frame.set(macToBytes(arp.targetMac), 32);
  frame.set(ipv4ToBytes(arp.targetIp), 38);
  return frame;
}

/** What follows the ARP message in the shortest frame, 18 bytes, which nobody else reads: a view of the frame; undefined if it is shorter. */
export function trailerOf(frame: Uint8Array, length: number): Uint8Array | undefined {
  return length < shortestFrameBytes || length > frame.length
    ? undefined
    : frame.subarray(ethernetHeaderBytes + arpBytes, shortestFrameBytes);
}

function ipv4ToBytes(ip: IpAddress): Uint8Array {
  const bytes = ipToBytes(ip);
  if (bytes.length !== 4) {
    throw new RangeError(`ARP speaks of IPv4 addresses, not of ${ip}`);
  }

  return bytes;
}

/** Tell the whole segment that `ip` is at `mac`, in the form of a question about itself. @see RFC 5227, 3 */
export function gratuitousRequest(mac: MacAddress, ip: IpAddress): ArpFrame {
  return {
    source: mac,
    destination: broadcastMac,
    arp: {operation: 'request', senderMac: mac, senderIp: ip, targetMac: zeroMac, targetIp: ip},
  };
}

/**
 * The same in the form of an answer nobody asked for: some neighbours heed only this one. Linux heeds it within its lock
 * time only if target and sender MAC are the same. @see Linux net/ipv4/arp.c, arp_is_garp
 */
export function gratuitousReply(mac: MacAddress, ip: IpAddress): ArpFrame {
  return {
    source: mac,
    destination: broadcastMac,
    arp: {operation: 'reply', senderMac: mac, senderIp: ip, targetMac: mac, targetIp: ip},
  };
}

/** Ask the whole segment who has `target`. */
export function broadcastRequest(mac: MacAddress, ip: IpAddress, target: IpAddress): ArpFrame {
  return {
    source: mac,
    destination: broadcastMac,
    arp: {operation: 'request', senderMac: mac, senderIp: ip, targetMac: zeroMac, targetIp: target},
  };
}

/**
 * Ask one neighbour, whose MAC address is known, who has its address `target`. It takes note of the asker
 * at once, and its answer acknowledges that.
 */
export function unicastRequest(mac: MacAddress, ip: IpAddress, neighbour: MacAddress, target: IpAddress): ArpFrame {
  return {
    source: mac,
    destination: neighbour,
    arp: {operation: 'request', senderMac: mac, senderIp: ip, targetMac: zeroMac, targetIp: target},
  };
}

/** Answer `question`: its target address is at `mac`. */
export function answerTo(question: ArpFrame, mac: MacAddress): ArpFrame {
  const {senderMac, senderIp, targetIp} = question.arp;
  return {
    source: mac,
    destination: senderMac,
    arp: {operation: 'reply', senderMac: mac, senderIp: targetIp, targetMac: senderMac, targetIp: senderIp},
  };
}
