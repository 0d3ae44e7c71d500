import type {LevelerDocument} from './schemas.ts';

/** A leveler whose beats come is suspect all the same if ours do not reach it. */
const beatsComeMs = 150;

/** Whether its beats come here now. */
export function beatsCome({silenceMs}: Pick<LevelerDocument, 'silenceMs'>): boolean {
  return silenceMs !== null && silenceMs <= beatsComeMs;
}

/** Whether it takes part: it is heard, hears this one, and has not gone. One that leaves beats on until it has. */
export function isPresent(leveler: LevelerDocument): boolean {
  return leveler.state === 'live' || (leveler.state === 'leaving' && beatsCome(leveler));
}

/** Whether it is another member of whom nothing is heard that counts. It may run all the same, and even serve. */
export function isMissed(leveler: LevelerDocument): boolean {
  return !leveler.self && leveler.member && leveler.state === 'suspect' && !beatsCome(leveler);
}
