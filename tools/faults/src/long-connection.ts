import {connect, type Socket} from 'node:net';
import type {ConnectionTally} from './measured.ts';
import {type Record, readRecords, recordPort, writeRecord} from './records.ts';

export const stalledAfterMs = 1000;
const reconnectMs = 200;

export const noConnections: ConnectionTally = {
  records: 0,
  resets: 0,
  wrong: 0,
  stalls: 0,
  longestStallMs: 0,
  slowestOpeningMs: 0,
  stuck: 0,
};

/** What all connections together have come to; each of them adds to it. */
export type Sum = {-readonly [name in keyof ConnectionTally]: number};

/** A connection that asks for a record again and again, and looks at every answer; opened anew when it breaks. */
export class LongConnection {
  readonly #address: string;
  readonly #sum: Sum;
  #socket: Socket | undefined;
  #text = '';
  #server = '';
  #asked = 0;
  /** When each record was asked for that is not answered; the first, while it connects, stands for the connection. */
  #waiting: number[] = [];
  #answered = 0;

  constructor(address: string, sum: Sum) {
    this.#address = address;
    this.#sum = sum;
    this.#open();
  }

  /** How long the oldest question has waited. */
  get waitingMs(): number {
    return this.#waiting[0] === undefined ? 0 : performance.now() - this.#waiting[0];
  }

  /** Ask for the next record. */
  ask(): void {
    if (this.#socket?.readyState === 'open') {
      this.#asked++;
      this.#waiting.push(performance.now());
      this.#socket.write(writeRecord({number: this.#asked, server: ''}), 'latin1');
    }
  }

  /** End this one and begin another. */
  renew(): void {
    if (this.#socket?.readyState === 'open' && this.#waiting.length === 0) {
      this.#leave();
      this.#open();
    }
  }

  #open(): void {
    const socket = connect({host: this.#address, port: recordPort});
    this.#waiting = [performance.now()];
    [this.#socket, this.#text, this.#server, this.#asked, this.#answered] = [socket, '', '', 0, 0];
    socket.setNoDelay().setEncoding('latin1');
    socket.on('connect', () => this.#begin());
    socket.on('data', (data: string) => this.#read(data));
    socket.on('error', () => {}); // Seen as its end
    socket.on('close', () => this.#break());
  }

  #begin(): void {
    this.#sum.slowestOpeningMs = Math.max(this.#sum.slowestOpeningMs, this.waitingMs);
    this.#waiting.shift();
  }

  #leave(): void {
    this.#socket?.removeAllListeners('close').end();
    this.#socket = undefined;
  }

  #break(): void {
    this.#sum.resets++;
    this.#settle();
    this.#socket = undefined;
    this.#waiting = [];
    setTimeout(() => this.#open(), reconnectMs);
  }

  #read(data: string): void {
    const {records, rest} = readRecords(this.#text + data);
    this.#text = rest;
    for (const record of records) {
      this.#settle();
      this.#sum.records++;
      this.#check(record);
    }
  }

  #check({number, server}: Record): void {
    this.#server ||= server;
    this.#answered++;
    if (number !== this.#answered || server !== this.#server) {
      this.#sum.wrong++;
    }
  }

  /** The oldest question is answered. */
  #settle(): void {
    const waitedMs = this.waitingMs;
    this.#waiting.shift();
    this.#sum.longestStallMs = Math.max(this.#sum.longestStallMs, waitedMs);
    if (waitedMs > stalledAfterMs) {
      this.#sum.stalls++;
    }
  }
}
