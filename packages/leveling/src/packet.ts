/** Fragments: a whole datagram, the first piece (it has the ports), a later one (it has none). */
export const whole = 0;
export const firstFragment = 1;
export const laterFragment = 2;

/** IP protocol numbers. @see Protocol Numbers, IANA */
export const protocols = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  routing: 43,
  fragment: 44,
  authentication: 51,
  icmp6: 58,
  destinationOptions: 60,
  sctp: 132,
  udpLite: 136,
} as const;

/** What was read in a frame. Offsets count from the frame's begin. After an ICMP error: of the packet it quotes. */
export type Packet = {
  /** 4, 6, or 0: no IP packet. */
  version: number;
  /** Offset of the IP header. */
  start: number;
  /** Offset behind the packet's last byte: padding is not in it. */
  end: number;
  /** Offsets of the addresses. */
  source: number;
  destination: number;
  /** Behind all extension headers. */
  protocol: number;
  /** Offset behind the IP header and its extension headers. */
  transport: number;
  /** {@link whole}, {@link firstFragment} or {@link laterFragment}. */
  fragment: number;
  /** Offset of the IPv6 fragment header that makes it one. -1: none was read. */
  fragmentHeader: number;
  /** Offset of source and destination port, 2 bytes each. -1: it has none. */
  ports: number;
  /** An echo request to a service, or the answer to one that an ICMP error quotes; pieces of both too. */
  isPing: boolean;
  /** Quoted in an ICMP error: a server sent it, so source and destination change places in its key. */
  isQuoted: boolean;
};

export function createPacket(): Packet {
  return {
    version: 0,
    start: 0,
    end: 0,
    source: 0,
    destination: 0,
    protocol: 0,
    transport: 0,
    fragment: whole,
    fragmentHeader: -1,
    ports: -1,
    isPing: false,
    isQuoted: false,
  };
}

export function clearPacket(packet: Packet): void {
  packet.version = 0;
  packet.start = 0;
  packet.end = 0;
  packet.source = 0;
  packet.destination = 0;
  packet.protocol = 0;
  packet.transport = 0;
  packet.fragment = whole;
  packet.fragmentHeader = -1;
  packet.ports = -1;
  packet.isPing = false;
  packet.isQuoted = false;
}

export function isIcmp({version, protocol}: Packet): boolean {
  return protocol === (version === 4 ? protocols.icmp : protocols.icmp6);
}

/** Point at the header at `start`; whoever calls has seen that it is whole. */
export function placeHeader(packet: Packet, version: number, start: number): void {
  packet.version = version;
  packet.start = start;
  packet.source = start + (version === 4 ? 12 : 8);
  packet.destination = start + (version === 4 ? 16 : 24);
}

/** Bytes of an IP header without options or extension headers. */
export function shortestHeader(version: number): number {
  return version === 4 ? 20 : 40;
}
