import type {Admin} from './admin.ts';
import {parseInterval} from './parse-words.ts';
import {Misunderstanding, Refusal} from './refusals.ts';
import type {StatusDocument} from './schemas.ts';
import {readStatus, shownStatus, showStatus} from './show.ts';
import type {Given, Shown, World} from './verb.ts';

const defaultEvery = '1s';

/** Moves the cursor home and clears what is below it. */
const clear = '\u001B[H\u001B[2J';

/** `taco status`: once, or with `--watch` until somebody ends it. */
export async function showOrWatch(world: World, {options}: Given): Promise<Shown | undefined> {
  if (options.watch === true) {
    await watch(world, parseInterval(String(options.every ?? defaultEvery)));
    return undefined;
  }

  if (options.every !== undefined) {
    throw new Misunderstanding('--every says how often to look again', 'taco status --watch --every 2s');
  }

  return showStatus(world);
}

async function watch(world: World, everyMs: number): Promise<void> {
  let count = 0;
  await watchStatus({
    ask: reopening(world),
    show(document) {
      world.writeLine(`${before(world, count++)}${world.format(shownStatus(document), 0)}`);
    },
    complain: world.complain,
    rest: async () => world.pause(everyMs),
    signal: world.stopSignal(),
  });
}

/** What stands before a document: on a terminal it takes the place of the last one. */
function before({isJson, isTerminal}: World, count: number): string {
  if (isJson) {
    return '';
  }

  return isTerminal ? clear : count === 0 ? '' : '\n';
}

/** Asks over one connection for as long as that answers, and over a new one after it did not. */
function reopening(world: World): () => Promise<StatusDocument> {
  let admin: Admin | undefined;
  return async () => {
    admin ??= await world.admin();
    try {
      return await readStatus(admin);
    } catch (error) {
      await admin.close();
      admin = undefined;
      throw error;
    }
  };
}

export type WatchParts = {
  /** @throws Refusal without an answer: it is asked again */
  readonly ask: () => Promise<StatusDocument>;
  readonly show: (document: StatusDocument) => void;
  readonly complain: (refusal: Refusal) => Promise<void>;
  /** Between an answer, or none, and the next question. */
  readonly rest: () => Promise<unknown>;
  /** Ends it at once, whatever is due. */
  readonly signal: AbortSignal;
};

/**
 * Ask for the status again and again, each time after the last question was answered or given up. Why there is no answer
 * is said when it begins and when it changes, not each time.
 *
 * @throws what `ask` throws but a Refusal
 */
export async function watchStatus(parts: WatchParts): Promise<void> {
  const {signal} = parts;
  const stopped = new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve());
  });
  await Promise.race([stopped, askAgainAndAgain(parts)]);
}

async function askAgainAndAgain({ask, show, complain, rest, signal}: WatchParts): Promise<void> {
  let complaint: string | undefined;
  while (!signal.aborted) {
    const answer = await ask().catch(toRefusal);
    if (signal.aborted) {
      return;
    }

    if (!(answer instanceof Refusal)) {
      complaint = undefined;
      show(answer);
    } else if (answer.message !== complaint) {
      complaint = answer.message;
      await complain(answer);
    }

    await rest();
  }
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }

  throw error;
}
