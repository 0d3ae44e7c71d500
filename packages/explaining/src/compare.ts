import type {MacAddress} from '@tacoplex/vocabulary';
import type {Explanation} from './explanation.ts';

/** What an engine would do with a frame, as far as it tells. */
export type EngineDecision = {
  readonly verdict: 'forward' | 'pass' | 'drop' | 'hold';
  /** Missing: the engine does not tell. */
  readonly reason?: string;
  /** Where it sends a frame that it forwards. */
  readonly destination?: MacAddress;
};

/**
 * Whether an engine does what the reference says: the same verdict, for the same reason if it tells, to the same MAC
 * address.
 *
 * @returns undefined if that cannot be told: the engine did not say, or the frame was cut within its headers
 */
export function agrees(
  {verdict, reason, server}: Explanation,
  engine: EngineDecision | undefined,
): boolean | undefined {
  if (engine === undefined || verdict === 'unknown') {
    return undefined;
  }

  return (
    engine.verdict === verdict &&
    (engine.reason === undefined || engine.reason === reason) &&
    (verdict !== 'forward' || engine.destination === server?.mac)
  );
}
