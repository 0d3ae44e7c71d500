import {type ImageContent, openImage} from '@tacoplex/leveling';
import type {Asked, Reply} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import {answerExplain} from './answer-explain.ts';
import {Counters} from './counters.ts';
import type {Engine} from './engine.ts';
import {ImageWriter, type Side} from './image-pair.ts';
import {LeaseWriter} from './lease.ts';
import type {SharedMemory} from './shared-memory.ts';
import type {Applied} from './status.ts';

/** The cap engine from its feeder's side: the frame loop of the main thread reads the same memory. */
export class CapEngine implements Engine {
  readonly name = 'cap';
  readonly needsGate = true;
  readonly isTakingOver = false;
  readonly reason: string;
  readonly counters: Counters;
  readonly #images: SharedMemory['images']['images'];
  readonly #writer: ImageWriter;
  readonly #lease: LeaseWriter;

  constructor(memory: SharedMemory, reason: string) {
    this.reason = reason;
    this.counters = new Counters(memory.counters);
    this.#images = memory.images.images;
    this.#writer = new ImageWriter(memory.images);
    this.#lease = new LeaseWriter(memory.lease);
  }

  get inForce(): Side {
    return this.#writer.inForce;
  }

  get isSpareBusy(): boolean {
    return this.#writer.isSpareBeingRead;
  }

  install(content: ImageContent): void {
    this.#writer.install(content);
  }

  inheritedMacOf(): undefined {}

  /** The frame loop's own thread hears the servers, and writes what it hears into the images. */
  setMac(): void {}

  renewLease(mayForward: boolean, saidAt: MonotonicMs, leaseMs: number, now: MonotonicMs): void {
    this.#lease.renew(mayForward, saidAt, leaseMs, now);
  }

  forwardForEver(): void {
    this.#lease.forwardForEver();
  }

  isLeaseOver(now: MonotonicMs): boolean {
    return this.#lease.isOver(now);
  }

  refreshCounters(): void {}

  setPorts(): boolean {
    return false;
  }

  explain(question: Asked<'forwarder.explain'>, applied: Applied | undefined): Reply<'forwarder.explain'> {
    return answerExplain(question, openImage(this.#images[this.inForce]), applied);
  }

  /** The frame loop goes on looking, and lets no frame through. */
  uninstall(): void {
    this.#lease.end();
  }

  close(): void {}
}
