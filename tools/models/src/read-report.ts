/** What a search says at its end. */
export type Report = {
  /** `stopped`: by a limit, before every state was visited. */
  readonly outcome: 'complete' | 'violated' | 'stopped';
  readonly states: number;
  /** Steps of the longest history. */
  readonly depth: number;
  /** Statements that no history has reached: line, number of the statement after all is expanded, text. */
  readonly unreached: readonly string[];
};

const limitsReached = /max search depth too small|Search not completed|reached -DMEMLIM|out of memory|time limit/i;

/** @returns undefined if it was ended before it could say anything */
export function readReport(out: string): Report | undefined {
  const [, depth, errors] = /depth reached (\d+), errors: (\d+)/.exec(out) ?? [];
  const [, states] = /^\s*(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored/m.exec(out) ?? [];
  if (depth === undefined || errors === undefined || states === undefined) {
    return undefined;
  }

  return {
    outcome: errors !== '0' ? 'violated' : limitsReached.test(out) ? 'stopped' : 'complete',
    states: Number(states),
    depth: Number(depth),
    unreached: [...out.matchAll(/^\t\S+?:(\d+), state (\d+), "(.*)"$/gm)]
      .filter(([, , , text]) => text !== '-end-')
      .map(([, line, number, text]) => `${line} (${number}): ${text}`),
  };
}

/**
 * Which invariant broke.
 *
 * @param replay what `spin -t` says of the trail
 * @param source of the model: the line of the assertion, or one of the two after it, ends with the name in a comment
 */
export function readBroken(replay: string, source: string): string | undefined {
  const [, line] = /:(\d+), Error: assertion violated/.exec(replay) ?? [];
  const from = Number(line ?? 0) - 1;
  const [, name] =
    /\/\* ([A-Z]\d) \*\/$/m.exec(
      source
        .split('\n')
        .slice(from, from + 3)
        .join('\n'),
    ) ?? [];
  return line === undefined ? undefined : name;
}
