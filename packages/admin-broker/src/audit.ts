import {open} from 'node:fs/promises';
import {join} from 'node:path';
import type {Log} from '@tacoplex/log';

/** What became of one command. */
export type AuditEntry = {
  /** User id, as taco says it of itself: ZeroMQ does not tell whose a connection is. */
  readonly uid: number;
  readonly command: string;
  /** Versions of the cluster state before and after; `none` where there is none. */
  readonly from: string;
  readonly to: string;
  /** Why it was refused; missing if it was carried out. */
  readonly refused?: string;
};

/** Appends one JSON line for each command to `audit.log`. Opened for each, so that rotation needs no signal. */
export class AuditLog {
  readonly #file: string;
  readonly #log: Log;
  readonly #now: () => Date;
  #writing = Promise.resolve();

  /** @param folder of the logs */
  constructor(folder: string, log: Log, now: () => Date = () => new Date()) {
    this.#file = join(folder, 'audit.log');
    this.#log = log;
    this.#now = now;
  }

  /** Nobody waits for it: a full disk is told, and no reason to refuse a command. */
  write(entry: AuditEntry): void {
    const line = `${JSON.stringify({time: this.#now().toISOString(), ...entry})}\n`;
    this.#writing = this.#writing.then(async () => this.#append(line));
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #append(line: string): Promise<void> {
    try {
      const file = await open(this.#file, 'a', 0o640);
      try {
        await file.writeFile(line);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      const {code, message} = error as NodeJS.ErrnoException;
      this.#log.error('audit log fails', {file: this.#file, reason: code ?? message});
    }
  }
}
