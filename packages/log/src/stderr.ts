import {fstatSync} from 'node:fs';
import {createRequire} from 'node:module';

/** An `import` of a CommonJS package has Node read all of it once more, for its names. */
const {SonicBoom} = createRequire(import.meta.url)('sonic-boom') as typeof import('sonic-boom');

const bufferBytes = 1_048_576;

/** Where a daemon's lines go. */
export type LineWriter = {
  readonly write: (line: string) => void;
  /** Resolves when all is written, or nobody has read for half a second. */
  readonly close: () => Promise<void>;
};

/**
 * Lines to standard error, never waiting for a reader: beyond 1 MiB unread they are dropped.
 * Each begins with the UTC time, unless they go to the journal, which writes its own.
 */
export function openStderr(environment: NodeJS.ProcessEnv = process.env): LineWriter {
  const stream = new SonicBoom({fd: 2, sync: false, minLength: 0, maxLength: bufferBytes});
  stream.on('error', () => {}); // Nobody is left to be told
  const stamp = isJournal(2, environment) ? (): string => '' : (): string => `${new Date().toISOString()} `;
  return {
    write(line) {
      stream.write(`${stamp()}${line}\n`);
    },
    close: async () =>
      new Promise(resolve => {
        const limit = setTimeout(resolve, 500);
        stream.once('close', () => {
          clearTimeout(limit);
          resolve();
        });
        stream.end();
      }),
  };
}

/** The variable is inherited by processes whose output goes elsewhere: it names the stream it is about. @see systemd.exec(5) */
function isJournal(descriptor: number, {JOURNAL_STREAM: journal}: NodeJS.ProcessEnv): boolean {
  if (journal === undefined) {
    return false;
  }

  try {
    const {dev, ino} = fstatSync(descriptor, {bigint: true});
    return journal === `${dev}:${ino}`;
  } catch {
    return false; // Closed: nobody reads either form
  }
}
