import type {Net} from '@tacoplex/announcing';
import type {Capture} from '@tacoplex/capture';
import type {Clock} from '@tacoplex/clock';
import {ConfigError, WorldError} from '@tacoplex/errors';
import type {Interface} from '@tacoplex/links';
import {fieldOfCount, type Log, Repeats} from '@tacoplex/log';
import type {Sender} from './announcer.ts';

/** How a port reaches the world. */
export type PortParts = {
  readonly net: Net;
  readonly clock: Clock;
  readonly log: Log;
  readonly isUp: () => boolean;
  /** The interface of the net, as it is now. @throws ConfigError */
  readonly find: () => Interface;
  /** @throws WorldError INTERFACE_UNUSABLE if it cannot be opened now; PERMISSION_MISSING if it never will */
  readonly open: (found: Interface) => Capture;
  /** The net can be spoken on. */
  readonly onOpen: (found: Interface) => void;
};

const retryMs = 250;

/**
 * One net's capture, open for as long as its link is up: it waits for a link that is down at the start, and opens anew
 * when the link comes back, be it the same interface or another one of the same name.
 */
export class NetPort implements Sender {
  readonly #parts: PortParts;
  readonly #past = new Map<string, number>();
  #capture: Capture | undefined;
  readonly #repeats: Repeats;
  #cancelRetry = (): void => {};

  constructor(parts: PortParts) {
    this.#parts = parts;
    this.#repeats = new Repeats(parts.clock);
  }

  get isOpen(): boolean {
    return this.#capture !== undefined;
  }

  get faults(): ReadonlyMap<string, number> {
    const faults = new Map(this.#past);
    for (const [cause, count] of faultsOf(this.#capture)) {
      faults.set(cause, (faults.get(cause) ?? 0) + count);
    }

    return faults;
  }

  send(frame: Uint8Array): boolean {
    return this.#capture?.send(frame, frame.length) ?? false;
  }

  /** The link came up, or should be looked at. @throws WorldError PERMISSION_MISSING */
  open(): void {
    this.#leave();
    if (!this.#parts.isUp()) {
      this.#wait('link-down', 'its link is down');
      return;
    }

    try {
      const found = this.#parts.find();
      this.#capture = this.#parts.open(found);
      this.#enter(found);
    } catch (error) {
      this.#retryAfter(error);
    }
  }

  /** The link went down. */
  close(): void {
    this.#leave();
    this.#wait('link-down', 'its link is down');
  }

  /** For good. */
  end(): void {
    this.#leave();
    this.#repeats.forget();
  }

  #enter(found: Interface): void {
    const {net, log, onOpen} = this.#parts;
    this.#repeats.forget();
    log.notice('net is open', {net, interface: found.name, mac: found.mac});
    onOpen(found);
  }

  #leave(): void {
    this.#cancelRetry();
    for (const [cause, count] of faultsOf(this.#capture)) {
      this.#past.set(cause, (this.#past.get(cause) ?? 0) + count);
    }

    this.#capture?.close();
    this.#capture = undefined;
  }

  #wait(cause: string, reason: string): void {
    const {net, log} = this.#parts;
    this.#repeats.note(cause, count => {
      log.warn('net is silent, waiting for it', {net, reason, ...fieldOfCount(count)});
    });
  }

  #retryAfter(error: unknown): void {
    const isPassing =
      error instanceof ConfigError || (error instanceof WorldError && error.facts.code !== 'PERMISSION_MISSING');
    if (!isPassing) {
      throw error;
    }

    this.#wait(error.facts.code, error.message);
    this.#cancelRetry = this.#parts.clock.after(retryMs, () => this.open());
  }
}

function faultsOf(capture: Capture | undefined): Map<string, number> {
  return capture === undefined ? new Map() : new Map([...capture.faults, ['lost-in-ring', capture.countLost()]]);
}
