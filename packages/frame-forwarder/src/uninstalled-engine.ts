import type {Reply} from '@tacoplex/messages';
import type {Counters} from './counters.ts';
import type {Engine} from './engine.ts';
import type {Side} from './image-pair.ts';

/** What is told wherever it is asked why nothing is forwarded. */
export const whyUninstalled = 'uninstalled: restart frame-forwarder to forward again';

/** Stands in for an engine that was taken away: takes all that is said, forwards nothing, and remembers what was counted. */
export class UninstalledEngine implements Engine {
  readonly name: Engine['name'];
  readonly reason: string;
  readonly needsGate = false;
  readonly counters: Counters;
  readonly isSpareBusy = false;
  readonly isTakingOver = false;
  #inForce: Side;

  /** @param inForce of the engine, while it was there */
  constructor({name, reason, counters}: Pick<Engine, 'name' | 'reason' | 'counters'>, inForce: Side) {
    this.name = name;
    this.reason = reason;
    this.counters = counters;
    this.#inForce = inForce;
  }

  get inForce(): Side {
    return this.#inForce;
  }

  install(): void {
    this.#inForce = (1 - this.#inForce) as Side;
  }

  inheritedMacOf(): undefined {}

  setMac(): void {}

  renewLease(): void {}

  forwardForEver(): void {}

  isLeaseOver(): boolean {
    return true;
  }

  refreshCounters(): void {}

  setPorts(): boolean {
    return false;
  }

  explain(): Reply<'forwarder.explain'> {
    return {engine: this.name, refusal: `the data path is ${whyUninstalled}`};
  }

  uninstall(): void {}

  close(): void {}
}
