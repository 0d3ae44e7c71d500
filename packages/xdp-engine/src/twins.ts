import type {XdpAction} from '@tacoplex/kernel';
import {
  createDecision,
  decide,
  type ForwardingImage,
  fragmentKeyWords,
  type ImageContent,
  imageBytes,
  isFragment,
  openImage,
  reasons,
  rewrite,
  type Verdict,
  writeFragmentKey,
  writeImage,
} from '@tacoplex/leveling';
import {equalBytes, toHex} from '@tacoplex/vocabulary';
import {type CounterArrays, createCounterArrays} from './counters.ts';
import type {XdpReplica} from './replica.ts';

/** One answer to one frame, in words. */
export type Answer = {
  readonly action: string;
  readonly reason: string;
  readonly service: number;
  readonly group: number;
  readonly bin: number;
  readonly hash: string; // 16 digits; 0 if no key was made
  readonly server: number;
  readonly frame: string; // As it is afterwards, in hexadecimal digits
};

/** What the two say about a frame, where they do not say the same. */
export type Difference = {readonly sent: string; readonly reference: Answer; readonly program: Answer};

const serverNumbers = 65_536;
const mostServices = 1024;

/** The reference in TypeScript and the loaded program, on the same content and the same frames. */
export class Twins {
  readonly #replica: XdpReplica;
  readonly #sourceMac: Uint8Array;
  readonly #reference: ForwardingImage;
  readonly #buffer = new ArrayBuffer(imageBytes);
  readonly #decision = createDecision();
  readonly #key = new Int32Array(fragmentKeyWords);
  readonly #actions: Readonly<Record<Verdict, XdpAction>>;
  #counted: CounterArrays = createCounterArrays();

  /** @param options those of the replica */
  constructor(
    replica: XdpReplica,
    {sourceMac, isOneArm}: {readonly sourceMac: Uint8Array; readonly isOneArm: boolean},
  ) {
    this.#replica = replica;
    this.#sourceMac = sourceMac;
    this.#actions = {forward: isOneArm ? 'tx' : 'redirect', pass: 'pass', drop: 'drop', hold: 'drop'};
    this.#reference = openImage(this.#buffer);
  }

  install(content: ImageContent): void {
    writeImage(this.#buffer, content);
    this.#replica.install(content);
    this.#counted.services[this.#replica.side].fill(0);
  }

  /** @param frame 14..3,520 bytes or so @returns undefined if both say the same, byte for byte */
  compare(frame: Uint8Array): Difference | undefined {
    const reference = this.#askReference(frame);
    const program = this.#askProgram(frame);
    this.#forget(frame);
    return isSame(reference, program) ? undefined : {sent: toHex(frame), reference, program};
  }

  /** @returns where the program has counted something else than it should have, for all frames so far; undefined: nowhere */
  compareCounters(): string | undefined {
    const seen = createCounterArrays();
    const numbers = Array.from({length: serverNumbers}, (_, number) => number);
    this.#replica.readCounters(seen, numbers, mostServices);
    const lists = [
      ['reason', this.#counted.reasons, seen.reasons],
      ['server', this.#counted.servers, seen.servers],
      ['service', this.#counted.services[0], seen.services[0]],
      ['service', this.#counted.services[1], seen.services[1]],
    ] as const;
    for (const [name, expected, found] of lists) {
      const index = expected.findIndex((value, at) => value !== found[at]);
      if (index >= 0) {
        return `${name} ${index}: ${found[index]} instead of ${expected[index]}`;
      }
    }

    return undefined;
  }

  /** Frames compared so far, by reason: `forwarded=3 no-service=1`. */
  get summary(): string {
    return reasons
      .map((name, number) => ({name, count: this.#counted.reasons[number] ?? 0}))
      .filter(({count}) => count > 0)
      .map(({name, count}) => `${name}=${count}`)
      .join(' ');
  }

  #askReference(frame: Uint8Array): Answer {
    const decision = this.#decision;
    decide(this.#reference, frame, frame.length, decision);
    const after = frame.slice();
    this.#count(frame.length);
    if (decision.verdict === 'forward') {
      rewrite(after, this.#reference, decision, this.#sourceMac);
    }

    const {verdict, reason, service, group, bin, server, hashLow, hashHigh} = decision;
    const hash = ((BigInt(hashHigh >>> 0) << 32n) | BigInt(hashLow >>> 0)).toString(16).padStart(16, '0');
    return {
      action: this.#actions[verdict],
      reason: reasons[reason] ?? '',
      service,
      group,
      bin,
      hash,
      server,
      frame: toHex(after),
    };
  }

  #askProgram(frame: Uint8Array): Answer {
    const {reason, service, group, bin, hash, server} = this.#replica.explain(frame);
    const {action, frame: after} = this.#replica.run(frame);
    return {
      action,
      reason: reasons[reason] ?? String(reason),
      service,
      group,
      bin,
      hash: hash.toString(16).padStart(16, '0'),
      server,
      frame: toHex(equalBytes(frame, after) ? frame : after),
    };
  }

  /** The reference knows only the frame at hand, so the program shall not know more of fragments either. */
  #forget(frame: Uint8Array): void {
    const {packet} = this.#decision;
    if (isFragment(packet) && !packet.isQuoted) {
      writeFragmentKey(frame, packet, this.#key);
      this.#replica.fragments.delete(new Uint8Array(this.#key.buffer));
      this.#replica.takeHeld();
    }
  }

  #count(bytes: number): void {
    const {reason, verdict, service, server} = this.#decision;
    const {reasons: byReason, servers, services} = this.#counted;
    byReason[reason]! += 1;
    if (verdict === 'forward') {
      const counted = services[this.#replica.side];
      counted[2 * service]! += 1;
      counted[2 * service + 1]! += bytes;
      servers[2 * server]! += 1;
      servers[2 * server + 1]! += bytes;
    }
  }
}

function isSame(one: Answer, other: Answer): boolean {
  return (Object.keys(one) as (keyof Answer)[]).every(key => one[key] === other[key]);
}
