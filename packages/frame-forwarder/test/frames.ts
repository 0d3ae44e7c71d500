import {type IpAddress, ipToBytes, type MacAddress, macToBytes} from '@tacoplex/vocabulary';

export type UdpFrame = {
  readonly destinationMac: string;
  readonly sourceMac: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload?: Uint8Array;
};

/** An Ethernet frame with an IPv4 UDP packet, its header checksum right and its UDP checksum 0 (none). */
export function udpFrame(parts: UdpFrame): Uint8Array {
  const payload = parts.payload ?? Uint8Array.from({length: 58}, (_, index) => index);
  const frame = new Uint8Array(42 + payload.length);
  const view = new DataView(frame.buffer);
  frame.set(macToBytes(parts.destinationMac as MacAddress), 0);
  frame.set(macToBytes(parts.sourceMac as MacAddress), 6);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 28 + payload.length);
  view.setUint8(22, 64);
  view.setUint8(23, 17);
  frame.set(ipToBytes(parts.source as IpAddress), 26);
  frame.set(ipToBytes(parts.destination as IpAddress), 30);
  view.setUint16(24, checksum(view));
  view.setUint16(34, parts.sourcePort);
  view.setUint16(36, parts.destinationPort);
  view.setUint16(38, 8 + payload.length);
  frame.set(payload, 42);
  return frame;
}

function checksum(view: DataView): number {
  let sum = 0;
  for (let offset = 14; offset < 34; offset += 2) {
    sum += view.getUint16(offset);
  }

  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }

  return ~sum & 0xffff;
}
