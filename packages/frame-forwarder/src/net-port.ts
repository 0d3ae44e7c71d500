import type {Capture} from '@tacoplex/capture';
import type {Clock} from '@tacoplex/clock';
import {ConfigError, WorldError} from '@tacoplex/errors';
import type {Interface} from '@tacoplex/links';
import {fieldOfCount, type Log, Repeats} from '@tacoplex/log';
import type {Port} from './thread-messages.ts';

/** How a port reaches the world. */
export type PortParts = {
  readonly label: 'net A' | 'net B';
  readonly first: Interface;
  readonly clock: Clock;
  readonly log: Log;
  /** @throws ConfigError as `findInterface` */
  readonly find: () => Interface;
  readonly isUp: () => boolean;
  /** @throws WorldError if it cannot be opened now */
  readonly open: (found: Interface) => Promise<Capture>;
  readonly onChange: () => void;
};

const firstRetryMs = 250;
const slowestRetryMs = 1000;

/**
 * One net's capture, kept open for as long as its link is up: closed when the link goes down, opened anew when it comes
 * back, be it the same interface or another one of the same name, and tried again until that works.
 */
export class NetPort {
  readonly #parts: PortParts;
  #interface: Interface;
  #capture: Capture | undefined;
  #why = 'is down';
  readonly #repeats: Repeats;
  #attempt = 0;
  #retryMs = firstRetryMs;
  #cancelRetry = (): void => {};
  readonly #past = {lost: 0, faults: new Map<string, number>()};

  constructor(parts: PortParts) {
    this.#parts = parts;
    this.#repeats = new Repeats(parts.clock);
    this.#interface = parts.first;
  }

  get capture(): Capture | undefined {
    return this.#capture;
  }

  get interface(): Interface {
    return this.#interface;
  }

  get state(): Port {
    const {name, index, mac} = this.#interface;
    return {name, index, mac, isOpen: this.#capture !== undefined, why: this.#why};
  }

  /** Frames lost in the ring, and what could not be sent by cause, since the process began. */
  get faults(): {lost: number; faults: ReadonlyMap<string, number>} {
    const faults = new Map(this.#past.faults);
    for (const [cause, count] of this.#capture?.faults ?? []) {
      faults.set(cause, (faults.get(cause) ?? 0) + count);
    }

    return {lost: this.#past.lost + (this.#capture?.countLost() ?? 0), faults};
  }

  /**
   * The link came up, or should be looked at.
   *
   * @throws WorldError PERMISSION_MISSING: that will not change while this process runs
   */
  async open(): Promise<void> {
    this.#leave('is down');
    if (!this.#parts.isUp()) {
      return;
    }

    const attempt = ++this.#attempt;
    try {
      const found = this.#parts.find();
      const capture = await this.#parts.open(found);
      if (attempt === this.#attempt) {
        this.#enter(found, capture);
      } else {
        capture.close(); // The link has changed again meanwhile
      }
    } catch (error) {
      this.#retryAfter(error, attempt);
    }
  }

  /** The link went down. */
  close(): void {
    this.#attempt++;
    this.#leave('is down');
  }

  #enter(found: Interface, capture: Capture): void {
    const {label, log, onChange} = this.#parts;
    this.#interface = found;
    this.#capture = capture;
    this.#why = '';
    this.#retryMs = firstRetryMs;
    this.#repeats.forget();
    log.notice(`${label} is open`, {interface: found.name, address: found.address, mac: found.mac});
    onChange();
  }

  #leave(why: string): void {
    this.#cancelRetry();
    this.#why = why;
    const {lost, faults} = this.faults;
    this.#capture?.close();
    this.#capture = undefined;
    this.#past.lost = lost;
    this.#past.faults = new Map(faults);
    this.#parts.onChange();
  }

  #retryAfter(error: unknown, attempt: number): void {
    const isPassing = error instanceof ConfigError || (error instanceof WorldError && !isForbidden(error));
    if (!isPassing) {
      throw error;
    }

    if (attempt === this.#attempt) {
      const {label, log} = this.#parts;
      const {message: reason} = error;
      this.#repeats.note(error.facts.code, count => {
        log.warn(`${label} cannot be opened yet`, {reason, ...fieldOfCount(count)});
      });
      this.#why = error.message;
      this.#cancelRetry = this.#parts.clock.after(this.#retryMs, () => void this.open());
      this.#retryMs = Math.min(2 * this.#retryMs, slowestRetryMs);
    }
  }
}

function isForbidden({facts}: WorldError): boolean {
  return facts.code === 'PERMISSION_MISSING';
}
