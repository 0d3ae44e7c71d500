import {fragmentIpv4, fragmentIpv6, type Ipv4Packet} from '@tacoplex/frames';
import {familyOf, type IpAddress, type ServerNumber} from '@tacoplex/vocabulary';
import {
  createDecision,
  type Decision,
  decide,
  decideFragment,
  type ForwardingImage,
  FragmentMemory,
  HeldFragments,
  type HeldLimits,
} from '../src/index.ts';
import {udp} from './packets.ts';
import {client, client6, toUs, image as usualImage} from './samples.ts';

const hashKey = Int32Array.of(1, 2, 3, 4);

/** The fragments of one UDP datagram, as frames to us, in order. */
export function datagram(
  to: IpAddress,
  {port = 53, sourcePort = 40_000, identification = 0x1234, bytes = 3000, perFragment = 800} = {},
): Uint8Array[] {
  const isIpv4 = familyOf(to) === 'ipv4';
  const ends = {source: isIpv4 ? client : client6, destination: to};
  const payload = udp(to, port, {}, new Uint8Array(bytes).fill(identification & 0xff), ends).slice(isIpv4 ? 20 : 40);
  payload.set([sourcePort >> 8, sourcePort & 0xff], 0);
  const packet: Ipv4Packet = {...ends, protocol: 17, payload};
  const pieces = isIpv4
    ? fragmentIpv4({...packet, identification}, perFragment)
    : fragmentIpv6(packet, perFragment, identification);
  return pieces.map(piece => toUs(piece));
}

export type Sent = {readonly frame: Uint8Array; readonly server: number};

/** Forwards as an engine does, on a clock moved by hand: decides, holds, and sends on. */
export class Desk {
  readonly sent: Sent[] = [];
  readonly memory: FragmentMemory;
  readonly held: HeldFragments;
  nowMs = 0;
  expired = 0;
  overflowed = 0;
  readonly #image: ForwardingImage;

  constructor(options: {image?: ForwardingImage; datagrams?: number; held?: HeldLimits} = {}) {
    this.#image = options.image ?? usualImage;
    this.memory = new FragmentMemory(hashKey, {datagrams: options.datagrams ?? 65_536, rememberMs: 5000});
    this.held = new HeldFragments(hashKey, options.held);
  }

  take(frame: Uint8Array): Decision {
    const decision = createDecision();
    decide(this.#image, frame, frame.length, decision);
    const isRemembered = decideFragment(this.#image, this.memory, frame, this.nowMs, decision);
    if (decision.verdict === 'hold') {
      this.expire();
      this.overflowed += this.held.hold(this.memory.key, frame, frame.length, this.nowMs) ? 0 : 1;
    } else if (decision.verdict === 'forward') {
      const server = decision.server as ServerNumber;
      this.sent.push({frame: frame.slice(), server});
    }

    if (isRemembered) {
      const server = decision.server as ServerNumber;
      this.held.release(this.memory.key, this.nowMs, waited => this.sent.push({frame: waited.slice(), server}));
    }

    return decision;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.expire();
  }

  expire(): void {
    this.expired += this.held.expire(this.nowMs);
  }
}
