import type {ClusterStatus} from './cluster-status.ts';
import {describeStatus, seconds} from './describe-status.ts';
import {describeTroubles} from './describe-troubles.ts';
import {freshFromNow, type Seen, StatusFollower} from './follow-status.ts';
import type {Lab} from './lab.ts';
import {waitFor} from './wait-for.ts';

/** Whoever waits looks at the clock and the signal this often, if nothing is seen. */
const lookMs = 500;

/** A follower that nobody needs any more ends after this: whoever waits often waits again soon. */
const lingerMs = 5000;

export type StatusPatience = {readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined};

type Followed = {readonly follower: StatusFollower; users: number; linger: NodeJS.Timeout | undefined};

const followed = new WeakMap<Lab, Map<string, Followed>>();

/**
 * Wait until a leveler's status, asked for after this was called, has what is looked for in it. The leveler may be
 * switched off and on meanwhile.
 *
 * @param find its first value that is neither false nor undefined ends the waiting
 * @returns that value
 * @throws WorldError NO_ANSWER when time is up, with what was seen last and what does not run
 */
export async function statusWith<Value>(
  lab: Lab,
  leveler: string,
  what: string,
  find: (status: ClusterStatus) => Value | false | undefined,
  {timeoutMs, signal}: StatusPatience = {},
): Promise<Exclude<Value, false | undefined>> {
  const {follower, isNew, release} = use(lab, leveler);
  try {
    const sinceMs = isNew ? 0 : await freshFromNow();
    let looked: Seen | undefined;
    const look = async (): Promise<Value | false | undefined> => {
      if (follower.last === looked) {
        await follower.untilSeen(lookMs);
      }

      looked = follower.last;
      return looked !== undefined && looked.afterMs >= sinceMs && find(looked.status);
    };
    const seen = async (): Promise<string> => [lastSeen(follower), ...(await describeTroubles(lab))].join('; ');
    return await waitFor(look, {timeoutMs, what: `${leveler}: ${what}`, everyMs: 0, signal, seen});
  } finally {
    release();
  }
}

/** Hear each status of a leveler, a few in a second while it answers. @returns ends the calls */
export function followStatus(lab: Lab, leveler: string, listener: (status: ClusterStatus) => void): () => void {
  const {follower, release} = use(lab, leveler);
  const stop = follower.onSeen(({status}) => listener(status));
  return () => {
    stop();
    release();
  };
}

/** End what still follows a laboratory's levelers, for somebody who wants no work beside his own on this machine. */
export function endFollowers(lab: Lab): void {
  for (const {follower, linger} of followed.get(lab)?.values() ?? []) {
    clearTimeout(linger);
    follower.end();
  }
  followed.delete(lab);
}

type Use = {
  readonly follower: StatusFollower;
  /** It has just begun: nothing that it reads was asked for before. */
  readonly isNew: boolean;
  readonly release: () => void;
};

/** The follower of a leveler, for as long as it is not released. */
function use(lab: Lab, leveler: string): Use {
  const all = followed.get(lab) ?? new Map<string, Followed>();
  followed.set(lab, all);
  const isNew = !all.has(leveler);
  const one = all.get(leveler) ?? {follower: new StatusFollower(lab, leveler), users: 0, linger: undefined};
  all.set(leveler, one);
  one.users++;
  clearTimeout(one.linger);
  return {follower: one.follower, isNew, release};

  function release(): void {
    one.users--;
    if (one.users === 0) {
      one.linger = setTimeout(() => {
        one.follower.end();
        all.delete(leveler);
      }, lingerMs).unref();
    }
  }
}

function lastSeen({leveler, last, fault}: StatusFollower): string {
  const why = fault === undefined ? [] : [`no answer since: ${fault}`];
  return last === undefined
    ? `${leveler} has not answered${fault === undefined ? '' : `: ${fault}`}`
    : [
        `last seen ${seconds(performance.now() - last.atMs)} ago by ${leveler}: ${describeStatus(last.status)}`,
        ...why,
      ].join('; ');
}
