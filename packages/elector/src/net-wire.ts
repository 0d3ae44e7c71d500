import type {Clock} from '@tacoplex/clock';
import type {Net} from '@tacoplex/election';
import {ConfigError, WorldError} from '@tacoplex/errors';
import type {Interface, MulticastSocket} from '@tacoplex/links';
import type {Log} from '@tacoplex/log';
import type {IpAddress} from '@tacoplex/vocabulary';
import type {Wire} from './mail.ts';

/** How a net is reached. */
export type WireParts = {
  readonly net: Net;
  readonly clock: Clock;
  readonly log: Log;
  /** Whom a datagram for all is sent to, one by one; empty: to the multicast group. */
  readonly peers: readonly IpAddress[];
  readonly isUp: () => boolean;
  /** The interface of the net, as it is now. @throws ConfigError */
  readonly find: () => Interface;
  /** @throws WorldError */
  readonly open: (found: Interface, onError: (error: Error) => void) => MulticastSocket;
  /** The net can be spoken on, or no longer. */
  readonly onChange: (found: Interface | undefined) => void;
};

const retryMs = 250;

/** One net's socket, open for as long as its link is up, and opened anew when the link comes back. */
export class NetWire implements Wire {
  readonly #parts: WireParts;
  #socket: MulticastSocket | undefined;
  #others: readonly IpAddress[] = [];
  #why = '';
  #cancelRetry = (): void => {};

  constructor(parts: WireParts) {
    this.#parts = parts;
  }

  send(datagram: Uint8Array, to?: IpAddress): void {
    if (to !== undefined || this.#parts.peers.length === 0) {
      this.#socket?.send(datagram, to);
      return;
    }

    for (const peer of this.#others) {
      this.#socket?.send(datagram, peer);
    }
  }

  /** The link came up, or should be looked at. */
  open(): void {
    this.#leave();
    if (!this.#parts.isUp()) {
      this.#tell('its link is down');
      return;
    }

    try {
      const found = this.#parts.find();
      this.#socket = this.#parts.open(found, error => this.#tell(error.message));
      this.#others = this.#parts.peers.filter(peer => peer !== found.address);
      this.#why = '';
      this.#parts.log.notice('net is open', {net: this.#parts.net, interface: found.name, address: found.address});
      this.#parts.onChange(found);
    } catch (error) {
      this.#retryAfter(error);
    }
  }

  /** The link went down. */
  close(): void {
    this.#leave();
    this.#tell('its link is down');
    this.#parts.onChange(undefined);
  }

  /** For good. */
  end(): void {
    this.#leave();
  }

  #leave(): void {
    this.#cancelRetry();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Once for each reason: a net that fails does so at every beat. */
  #tell(reason: string): void {
    if (this.#why !== reason) {
      this.#parts.log.warn('net fails', {net: this.#parts.net, reason});
    }

    this.#why = reason;
  }

  #retryAfter(error: unknown): void {
    if (!(error instanceof ConfigError || error instanceof WorldError)) {
      throw error;
    }

    this.#tell(error.message);
    this.#parts.onChange(undefined);
    this.#cancelRetry = this.#parts.clock.after(retryMs, () => this.open());
  }
}
