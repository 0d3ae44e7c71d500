/** Where the process of a test file finds the file that it reports to. */
export const livesVariable = 'TACOPLEX_TEST_LIVES';

/** The life of a test file's process, as it tells it itself: without its end first, whole when it ends. */
export type Life = {
  /** Absolute path of the compiled test file. */
  readonly file: string;
  readonly pid: number;
  /** Of the epoch: when its process started, before anything was loaded. */
  readonly beganMs: number;
  /** Of the epoch. */
  readonly endedMs?: number;
  /** Processor time of the process itself, without what it started. */
  readonly cpuMs?: number;
};

/** @param text a line of JSON each: of one life the later line counts. @returns in the order in which they began */
export function readLives(text: string): Life[] {
  const lives = new Map<string, Life>();
  for (const line of text.split('\n').filter(line => line !== '')) {
    const life = JSON.parse(line) as Life;
    lives.set(`${life.pid} ${life.beganMs}`, life);
  }

  return [...lives.values()];
}

/** A test that ended. */
export type Ended = {
  /** As TAP has it: the file's path from where all files of the run begin to differ, and the title. */
  readonly name: string;
  /** Of the epoch. */
  readonly atMs: number;
};

export type TestTime = {readonly title: string; readonly ms: number};

/** What a file took, from its process's start to its end, and what each of its tests did. */
export type FileTime = {
  readonly life: Life;
  readonly ms: number;
  /** In the order in which they ended: each from the end of the one before, the first from the file's beginning. */
  readonly tests: readonly TestTime[];
};

/**
 * Share what was seen among the files.
 *
 * @param nowMs of the epoch: until then a file runs that has not ended
 */
export function timeFiles(lives: readonly Life[], ended: readonly Ended[], nowMs: number): FileTime[] {
  return lives.map(life => {
    let sinceMs = life.beganMs;
    const tests: TestTime[] = [];
    for (const {name, atMs} of ended) {
      const title = lives.length === 1 ? name : titleIn(life, name);
      if (title !== undefined) {
        tests.push({title, ms: atMs - sinceMs});
        sinceMs = atMs;
      }
    }

    return {life, ms: (life.endedMs ?? nowMs) - life.beganMs, tests};
  });
}

const separator = ' › ';

/** @returns undefined if a test of that name is of another file */
function titleIn({file}: Life, name: string): string | undefined {
  const words = name.split(separator);
  const parts = file.replace(/\.test\.js$/, '').split('/');
  for (let length = words.length - 1; length > 0; length--) {
    if (words.slice(0, length).join('/') === parts.slice(-length).join('/')) {
      return words.slice(length).join(separator);
    }
  }

  return undefined;
}
