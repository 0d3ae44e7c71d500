import {Refusal} from './refusals.ts';
import type {Given, World} from './verb.ts';

/** What is easily done by mistake, and what to type if it is meant. */
export type Doubt = {
  /** Continues "really …?". */
  readonly question: string;
  /** What else makes it clear. */
  readonly instead: string;
};

/**
 * Ask on a terminal whether it is meant; `--yes` has answered already. A script that has not said so is refused.
 *
 * @throws Refusal unless it is
 */
export async function confirm(world: World, options: Given['options'], {question, instead}: Doubt): Promise<void> {
  if (options.yes === true) {
    return;
  }

  if (world.ask === undefined) {
    throw new Refusal(`this would ${question}`, `if that is meant: --yes; or ${instead}`);
  }

  if (!(await world.ask(`really ${question}? [y/N] `))) {
    throw new Refusal('nothing was done', '');
  }
}
