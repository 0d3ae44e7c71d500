import type {MonotonicMs} from '@tacoplex/vocabulary';

/** How old the elector's word may be: beyond it we neither answer nor steal. */
export const trustMs = 650;

/**
 * How long we only listen after the elector's word became trustworthy, or others served instead: six beats, so that standing
 * claims arrive first.
 */
export const settleMs = 300;

/** The next leveler in the ring takes a vacant address at once, the one after it so much later, and so on. */
export const graspStepMs = 10;

/** The same in a fresh cluster, where levelers become ready one after the other and no traffic flows yet. */
export const startStepMs = 200;

/** The same at the end of a turn, where nothing is lost by waiting: only if the next one does not take it. */
export const turnStepMs = 1000;

/** How long a steal seen on the wire keeps us from grabbing: two beats and a margin for its claim to arrive. */
export const sightingMs = 300;

/** Between two rounds of a steal: at 0, 50 and 200 ms; what is unanswered 200 ms later is given up. */
export const roundGapsMs = [0, 50, 150, 200] as const;

/** A holder tells its neighbours again so often. */
export const refreshMs = 30_000;

/** The least time between two defences of one address: each goes to all its neighbours, in three rounds. */
export const defenceMs = 1000;

/**
 * The same against a stranger, who takes traffic away with each frame until he is answered. Within `defenceMs` of another defence
 * only the broadcast pair goes out, so that 80 frames a second are the most, of 256 that a net's limit allows. The pair that a stranger
 * sends needs two answers, as the second frame of his may be heard after the first answer; with a longer time the second answer would
 * fall together with his next claim.
 */
export const strangerDefenceMs = 25;

/** A stranger that was silent for so long is gone. */
export const strangerMs = 60_000;

/** Between two questions of a probe, and from the last one until its answers must have come. */
export const probeGapMs = 40;
export const probeAnswerMs = 10;

/**
 * Routers and servers are asked again so long after an answer; sooner while one is due; and seldom those that have left so
 * many questions unanswered, which are then taken for lost: 240 to 500 ms after they answered last.
 */
export const askAfterMs = 260;
export const askAgainMs = 40;
export const askLostMs = 1000;
export const unansweredLimit = 6;

/**
 * Whoever has answered is asked so much sooner, if another is asked now, or the elector's word comes, which it does each 250 ms: one
 * wake-up serves for all of them.
 */
export const askTogetherMs = 40;

/**
 * How long somebody must have answered before a leveler that had reached nobody counts again, if others reach as much; twice
 * as long each time.
 */
export const holdDownMs = {least: 2000, most: 60_000} as const;

/** Whoever has reached somebody for so long begins anew with the shortest. */
export const calmMs = 60_000;

/**
 * Whoever has reached fewer servers than another for so long gives way to it. When a server dies, one leveler misses it 260
 * ms before another, and no address is to move for that.
 */
export const fewerMs = 2000;

/** How long a stop waits for others to take what we hold. */
export const releaseMs = 500;

export function later(at: MonotonicMs, ms: number): MonotonicMs {
  return (at + ms) as MonotonicMs;
}

export function latest(one: MonotonicMs, other: MonotonicMs): MonotonicMs {
  return one > other ? one : other;
}

export function earliest(one: MonotonicMs, other: MonotonicMs): MonotonicMs {
  return one < other ? one : other;
}
