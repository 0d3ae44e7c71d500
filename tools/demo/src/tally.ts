/** What came of the requests so far. */
export type Tally = {
  readonly sent: number;
  readonly failed: number;
  /** Answers by the name of the server that gave them. */
  readonly perServer: Readonly<Record<string, number>>;
  /** Failures by cause, in curl's words. */
  readonly perCause: Readonly<Record<string, number>>;
};

/** What came of one request: the name that a server gave, or the cause of the failure. */
export type Outcome = {readonly server: string} | {readonly cause: string};

export const emptyTally: Tally = {sent: 0, failed: 0, perServer: {}, perCause: {}};

export function count(tally: Tally, outcome: Outcome): Tally {
  return 'server' in outcome
    ? {...tally, sent: tally.sent + 1, perServer: oneMore(tally.perServer, outcome.server)}
    : {...tally, sent: tally.sent + 1, failed: tally.failed + 1, perCause: oneMore(tally.perCause, outcome.cause)};
}

/** What `curl --write-out` is to print after each page, for `readOutcomes`. */
export const writeOut = '\\n= %{http_code} %{exitcode} %{errormsg}\\n';

/**
 * Read what curl printed: for each request the page, which is the server's name, and the line of `writeOut`.
 *
 * @returns the outcomes, and what is left of a request that has not ended
 */
export function readOutcomes(text: string): {readonly outcomes: readonly Outcome[]; readonly rest: string} {
  const outcomes: Outcome[] = [];
  let rest = text;
  for (;;) {
    const match = /^(?<page>[\s\S]*?)\n= (?<status>\d+) (?<exit>\d+) (?<message>.*)\n/.exec(rest);
    if (match?.groups === undefined) {
      return {outcomes, rest};
    }

    const {page = '', status = '', exit = '', message = ''} = match.groups;
    outcomes.push(
      status === '200' && exit === '0'
        ? {server: page.trim()}
        : {cause: exit === '0' ? `HTTP status ${status}` : withoutNumbers(message)},
    );
    rest = rest.slice(match[0].length);
  }
}

function oneMore(counts: Readonly<Record<string, number>>, key: string): Readonly<Record<string, number>> {
  return {...counts, [key]: (counts[key] ?? 0) + 1};
}

/** One cause for "timed out after 2001 ms" and "timed out after 2003 ms". */
function withoutNumbers(message: string): string {
  return message.replaceAll(/ after \d+ (ms|milliseconds)/g, '').trim();
}
