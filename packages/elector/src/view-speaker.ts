import type {World} from '@tacoplex/daemon';
import {type Glimpse, glimpseOf, hasNews, type Setup, type State, viewOf} from '@tacoplex/election';
import {toViewSaid} from './bus-wire.ts';
import type {LossLog} from './loss-log.ts';
import {MissedLog} from './missed-log.ts';
import type {WaitLog} from './wait-log.ts';

/** The other processes stop trusting what was said 650 ms ago. */
const sayEveryMs = 250;

type Parts = {
  readonly world: World<'elector'>;
  readonly setup: Setup;
  readonly losses: LossLog;
  readonly waits: WaitLog;
  readonly state: () => State;
  /** As they are now. */
  readonly arpKeys: () => readonly Uint8Array[];
};

/** Tells the other processes of this leveler what the elector knows: at once when that is something new, else along with a beat. */
export class ViewSpeaker {
  readonly #parts: Parts;
  readonly #missed: MissedLog;
  #seen: Glimpse;
  #saidMs = Number.NEGATIVE_INFINITY;
  #cancelTimer = (): void => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#missed = new MissedLog(parts.world.log);
    this.#seen = glimpseOf(parts.setup, parts.state());
  }

  /** Where beats are rarer than views a timer sees to them. */
  start(): void {
    const {clock, config} = this.#parts.world;
    if (config.timing.beatMs > sayEveryMs / 2) {
      this.#cancelTimer = clock.every(sayEveryMs, () => this.say());
    }

    this.say();
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** A beat has gone out, for which this process was woken anyway. */
  sayWithBeat(): void {
    const {clock, config} = this.#parts.world;
    if (clock.now() - this.#saidMs > sayEveryMs - config.timing.beatMs / 2) {
      this.say();
    }
  }

  /** After steps: silences and leases grow all the time, and are no news. */
  sayNews(): void {
    const {setup, state} = this.#parts;
    const seen = this.#seen;
    this.#seen = glimpseOf(setup, state());
    if (hasNews(setup, seen, this.#seen)) {
      this.say();
    }
  }

  say(): void {
    const {world, setup, losses, waits, state, arpKeys} = this.#parts;
    const {bus, clock, config} = world;
    const nowMs = clock.now();
    const view = viewOf(setup, state());
    const counts = new Map<string, number>([...losses.counts, ['waited', waits.count]]);
    this.#saidMs = nowMs;
    this.#missed.look(view, nowMs);
    bus.say('elector.view', toViewSaid(view, nowMs, counts, config.security.mode, arpKeys()));
  }
}
