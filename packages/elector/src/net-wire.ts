import type {Clock} from '@tacoplex/clock';
import type {Net} from '@tacoplex/election';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {type Interface, type MulticastSocket, wantedBufferBytes} from '@tacoplex/links';
import {fieldOfCount, type Log, Repeats} from '@tacoplex/log';
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
  readonly #repeats: Repeats;
  #cancelRetry = (): void => {};

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.#repeats = new Repeats(parts.clock);
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
      this.#tell('link-down', 'its link is down');
      return;
    }

    try {
      const found = this.#parts.find();
      this.#socket = this.#parts.open(found, error => this.#tell(causeOf(error), error.message));
      this.#others = this.#parts.peers.filter(peer => peer !== found.address);
      this.#tellOpen(found);
      this.#tellBuffer(this.#socket);
      this.#parts.onChange(found);
    } catch (error) {
      this.#retryAfter(error);
    }
  }

  /** The link went down. */
  close(): void {
    this.#leave();
    this.#tell('link-down', 'its link is down');
    this.#parts.onChange(undefined);
  }

  /** For good. */
  end(): void {
    this.#leave();
    this.#repeats.forget();
  }

  #leave(): void {
    this.#cancelRetry();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #tellOpen({name, address}: Interface): void {
    const {net, log} = this.#parts;
    this.#repeats.forget();
    log.notice('net is open', {net, interface: name, address});
  }

  /** The system cuts the buffer without an error: datagrams of a burst are lost then, unseen. */
  #tellBuffer({bufferBytes}: MulticastSocket): void {
    const {net, log} = this.#parts;
    if (bufferBytes < wantedBufferBytes) {
      this.#repeats.note('buffer', count => {
        log.warn('receive buffer is smaller than wanted', {
          net,
          bytes: bufferBytes,
          wanted_bytes: wantedBufferBytes,
          advice: `sysctl -w net.core.rmem_max=${wantedBufferBytes}, and restart the elector`,
          ...fieldOfCount(count),
        });
      });
    }
  }

  /** A net that fails does so at every beat. */
  #tell(cause: string, reason: string): void {
    const {net, log} = this.#parts;
    this.#repeats.note(cause, count => log.warn('net fails', {net, reason, ...fieldOfCount(count)}));
  }

  #retryAfter(error: unknown): void {
    if (!(error instanceof ConfigError || error instanceof WorldError)) {
      throw error;
    }

    this.#tell(error.facts.code, error.message);
    this.#parts.onChange(undefined);
    this.#cancelRetry = this.#parts.clock.after(retryMs, () => this.open());
  }
}

/** The system's code for what failed; a datagram's fate has no other name. */
function causeOf({code}: NodeJS.ErrnoException): string {
  return code ?? 'unknown';
}
