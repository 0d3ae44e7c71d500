import type {ImageContent} from '@tacoplex/leveling';
import type {Asked, Reply} from '@tacoplex/messages';
import type {MacAddress, MonotonicMs, ServerNumber} from '@tacoplex/vocabulary';
import type {Counters} from './counters.ts';
import type {Side} from './image-pair.ts';
import type {Applied} from './status.ts';
import type {Port} from './thread-messages.ts';

/** A data path as its feeder sees it: two images of which one is in force, a lease, and what was counted. */
export type Engine = {
  readonly name: 'cap' | 'xdp';
  /** Why this one, in a few words. */
  readonly reason: string;
  /** Whether the kernel handles the frames a second time unless it is kept from it. */
  readonly needsGate: boolean;
  readonly counters: Counters;
  readonly inForce: Side;
  /** Whether a frame may still be under way that is decided by the image not in force: nothing is installed meanwhile. */
  readonly isSpareBusy: boolean;
  /** Whether a predecessor forwards by tables of its own until something is installed: there is no haste. */
  readonly isTakingOver: boolean;

  /**
   * Write the spare image and put it in force; the next frame follows it.
   *
   * @throws RangeError if the content breaks a limit; then nothing has changed
   */
  install(content: ImageContent): void;

  /** What a predecessor has learnt of a server; undefined: nothing, or something was installed since. */
  inheritedMacOf(number: ServerNumber): MacAddress | undefined;

  /** A server was heard under an address that the images do not have yet. */
  setMac(number: ServerNumber, mac: MacAddress): void;

  /** Take the elector's word whether this leveler may forward. */
  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void;

  /** Forward without a lease: there is nobody else who could. The next `renewLease` ends it. */
  forwardForEver(): void;

  isLeaseOver(now: MonotonicMs): boolean;

  /** Bring `counters` up to date. */
  refreshCounters(): void;

  /**
   * An interface has come, gone or changed.
   *
   * @returns whether the images are lost and one must be installed anew
   */
  setPorts(a: Port, b: Port): boolean;

  /** What the engine would do with frames; nothing is counted. */
  explain(question: Asked<'forwarder.explain'>, applied: Applied | undefined): Reply<'forwarder.explain'>;

  /**
   * Take the data path away, for good: nothing of it is left, and nothing else of this engine is used any more.
   *
   * @throws WorldError if the kernel does not let it go; then all is as before
   */
  uninstall(): void;

  close(): void;
};
