import type {Capture} from '@tacoplex/capture';
import {createDecision, decide, rewrite} from '@tacoplex/leveling';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {Counters} from './counters.ts';
import {ImageReader} from './image-pair.ts';
import {LeaseReader} from './lease.ts';
import type {SharedMemory} from './shared-memory.ts';

/** Sends on net B. @returns false if it could not */
export type Send = Capture['send'];

/**
 * The frame loop: decide, rewrite, send, count. Nothing here allocates, logs or waits.
 */
export class DataPath {
  readonly images: ImageReader;
  readonly #lease: LeaseReader;
  readonly #counters: Counters;
  readonly #decision = createDecision();
  #ourMac: Uint8Array = new Uint8Array(6);
  #send: Send | undefined;

  constructor(memory: SharedMemory) {
    this.images = new ImageReader(memory.images);
    this.#lease = new LeaseReader(memory.lease);
    this.#counters = new Counters(memory.counters);
  }

  /** Net B is there: frames leave through `send`, from `mac`. */
  openNetB(mac: MacAddress, send: Send): void {
    this.#ourMac = macToBytes(mac);
    this.#send = send;
  }

  closeNetB(): void {
    this.#send = undefined;
  }

  /** @param frame is changed if it is forwarded */
  readonly takeFrame = (frame: Uint8Array, length: number): void => {
    const image = this.images.enter();
    const decision = this.#decision;
    const send = this.#send;
    decide(image, frame, length, decision);
    if (decision.verdict !== 'forward') {
      this.#counters.countReason(decision.reason);
    } else if (this.#lease.isOver()) {
      this.#counters.countShellReason('fenced');
    } else if (send === undefined) {
      this.#counters.countShellReason('net-b-down');
    } else {
      rewrite(frame, image, decision, this.#ourMac);
      const isSent: boolean = send(frame, length);
      if (isSent) {
        const {reason, service, server} = decision;
        this.#counters.countForwarded(reason, this.images.side, service, server, length);
      } else {
        this.#counters.countShellReason('send-failed');
      }
    }

    this.images.leave();
  };
}
