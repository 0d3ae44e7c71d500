import type {Carrying} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';

/**
 * The frame-forwarder speaks after each view, four times a second. On a crowded machine, where it waits for processes in real time, it was heard 750 ms
 * apart; what it has left in the kernel forwards for 2 s after the last view.
 */
const silentMs = 1100;

/**
 * The arp-announcer speaks each second. One that is killed is back within two; routers ask for a MAC address that they know three
 * times, a second apart, before they give it up.
 */
const announcerSilentMs = 2500;

/** So long after its own start an elector does not miss a frame-forwarder that has not been heard: both start together. */
const startMs = 3000;

/** A port that is opened anew is closed for some milliseconds: what passes sooner than this is not told. */
const passingMs = 100;

/** Whoever did not carry carries again once nothing has kept it from that for so long: addresses must not follow a process that comes and goes. */
const calmMs = 2000;

const silence = 'frame-forwarder is silent';
const announcerSilence = 'arp-announcer is silent';

/** What is known of whether this leveler answers for addresses and carries what comes. Time is in ms of one clock, `wallS` in seconds since 1970. */
export class CarryingWatch {
  readonly #log: Log;
  readonly #startedMs: number;
  #heardMs: number | undefined;
  #announcerHeardMs = Number.POSITIVE_INFINITY;
  #whyNot = '';
  /** When something kept it from carrying last, and since when it does; undefined: it does not. */
  #impairedMs = Number.NEGATIVE_INFINITY;
  #impairedSinceMs: number | undefined;
  #told: Carrying | undefined;

  constructor(log: Log, nowMs: number) {
    this.#log = log;
    this.#startedMs = nowMs;
  }

  /** The frame-forwarder has spoken. @param whyNot empty: frames get through */
  hear(whyNot: string, nowMs: number): void {
    this.#heardMs = nowMs;
    this.#whyNot = whyNot;
  }

  /** The arp-announcer has spoken. One that never has holds nothing that others would have to take. */
  hearAnnouncer(nowMs: number): void {
    this.#announcerHeardMs = nowMs;
  }

  /**
   * What is to be told from now on, if it is something else than before; to be asked a few times a second.
   *
   * @returns undefined: the same as before
   */
  look(nowMs: number, wallS: number): Carrying | undefined {
    const reason = this.#reason(nowMs);
    if (reason === undefined || !this.#settle(reason, nowMs) || reason === this.#told?.whyNot) {
      return undefined;
    }

    if (reason !== '') {
      this.#log.warn('no frames get through here: shared addresses go to levelers that carry them, if any does', {
        reason,
      });
    } else if (this.#told !== undefined) {
      this.#log.notice('frames get through here again');
    }

    this.#told = {whyNot: reason, sinceS: Math.floor(wallS)};
    return this.#told;
  }

  /** Note how it is. @returns whether that has lasted for long enough to be told */
  #settle(reason: string, nowMs: number): boolean {
    const wasCarrying = this.#told?.whyNot === '';
    if (reason === '') {
      this.#impairedSinceMs = undefined;
      return wasCarrying || nowMs - this.#impairedMs >= calmMs;
    }

    this.#impairedSinceMs ??= nowMs;
    if (wasCarrying && nowMs - this.#impairedSinceMs < passingMs) {
      return false;
    }

    this.#impairedMs = nowMs;
    return true;
  }

  /** What keeps frames from getting through now; empty: nothing; undefined: it is not known yet. */
  #reason(nowMs: number): string | undefined {
    if (this.#heardMs === undefined) {
      return nowMs - this.#startedMs < startMs ? undefined : silence;
    }

    if (nowMs - this.#heardMs > silentMs) {
      return silence;
    }

    return this.#whyNot === '' && nowMs - this.#announcerHeardMs > announcerSilentMs ? announcerSilence : this.#whyNot;
  }
}
