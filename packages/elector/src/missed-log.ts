import type {View} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';

const missedMs = 600_000;
const againMs = 3_600_000;

type Missing = {readonly sinceMs: number; readonly dueMs: number};

/**
 * Tells of a member that has been away for ten minutes, and again each hour: a leveler or witness that nobody misses is found
 * to be away when it is needed. Whoever comes, leaves the cluster or is drained is forgotten.
 */
export class MissedLog {
  readonly #log: Log;
  #missing = new Map<number, Missing>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param nowMs CLOCK_MONOTONIC */
  look({peers, self}: Pick<View, 'peers' | 'self'>, nowMs: number): void {
    const away = peers.filter(({id, member, live}) => member && !live && id !== self);
    if (away.length === 0 && this.#missing.size === 0) {
      return;
    }

    this.#missing = new Map(
      away.map(({id, name, witness}) => {
        const {sinceMs, dueMs} = this.#missing.get(id) ?? {sinceMs: nowMs, dueMs: nowMs + missedMs};
        if (nowMs < dueMs) {
          return [id, {sinceMs, dueMs}];
        }

        this.#log.warn('member missed', {
          name,
          role: witness ? 'witness' : 'leveler',
          minutes: Math.round((nowMs - sinceMs) / 60_000),
          advice: `is it running? On ${name}: systemctl status; gone for good: taco leveler remove ${name}`,
        });
        return [id, {sinceMs, dueMs: nowMs + againMs}];
      }),
    );
  }
}
