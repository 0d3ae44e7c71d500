import {systemClock} from '@tacoplex/clock';
import {type Fields, fieldOfCount, type Log, Repeats} from '@tacoplex/log';

/** Tells of messages that were dropped: whoever sends them can send thousands, so one line a minute for each cause. */
export class Dropped {
  readonly #repeats = new Repeats(systemClock);
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param cause of a small set, whatever the message was */
  tell(cause: string, facts: Fields): void {
    this.#repeats.note(cause, count => this.#log.warn('message dropped', {...facts, ...fieldOfCount(count)}));
  }

  close(): void {
    this.#repeats.forget();
  }
}
