import {type FileHandle, open, stat} from 'node:fs/promises';
import {setTimeout as pause} from 'node:timers/promises';

const chunkBytes = 65_536;
const pollMs = 200;
const newline = 10;

/** Takes one line without its end. */
export type OnLine = (line: string) => void;

/**
 * Hand out the last lines of a file.
 *
 * @param count how many, at least 0
 * @throws Error with its system code if the file cannot be read
 */
export async function readLastLines(file: string, count: number, onLine: OnLine): Promise<void> {
  const log = await open(file);
  try {
    const {size} = await log.stat();
    handOut(await readTail(log, count, size), onLine);
  } finally {
    await log.close();
  }
}

/**
 * Hand out the last lines of a file, and each new one as it comes. The file may be renamed and begun anew, or cut
 * short, as log rotation does: nothing that was written before the change of files is missed.
 *
 * @param signal ends it
 */
export async function followLines(file: string, count: number, onLine: OnLine, signal: AbortSignal): Promise<void> {
  let log = await open(file);
  try {
    let position = (await log.stat()).size;
    handOut(await readTail(log, count, position), onLine);
    let rest: Buffer = Buffer.alloc(0);
    while (!signal.aborted) {
      const replaced = await isReplaced(log, file); // Asked before reading: what comes later is in the new file
      const {size} = await log.stat();
      position = size < position ? 0 : position;
      const news = await readRange(log, position, size);
      position += news.length;
      rest = handOutWhole(Buffer.concat([rest, news]), onLine);
      if (replaced) {
        await log.close();
        log = await open(file);
        position = 0;
      } else {
        await pause(pollMs, undefined, {signal}).catch(() => {});
      }
    }
  } finally {
    await log.close();
  }
}

async function isReplaced(log: FileHandle, file: string): Promise<boolean> {
  const named = await stat(file).catch(() => undefined); // Gone for a moment, between two files
  return named !== undefined && named.ino !== (await log.stat()).ino;
}

/** The bytes of the last `count` lines before `size`. */
async function readTail(log: FileHandle, count: number, size: number): Promise<Buffer> {
  let tail: Buffer = Buffer.alloc(0);
  for (let start = size; start > 0; ) {
    const from = Math.max(0, start - chunkBytes);
    tail = Buffer.concat([await readRange(log, from, start), tail]);
    start = from;
    const cut = startOfLast(tail, count);
    if (cut !== undefined) {
      return tail.subarray(cut);
    }
  }

  return tail;
}

/** Where the last `count` lines begin; undefined if there are not so many. */
function startOfLast(bytes: Buffer, count: number): number | undefined {
  let at = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length; // The end of the last line begins no other
  for (let seen = 0; seen < count; seen++) {
    at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1);
    if (at < 0) {
      return undefined;
    }
  }

  return count === 0 ? bytes.length : at + 1;
}

async function readRange(log: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  const {bytesRead} = await log.read(bytes, 0, bytes.length, from);
  return bytes.subarray(0, bytesRead);
}

function handOut(bytes: Buffer, onLine: OnLine): void {
  const rest = handOutWhole(bytes, onLine);
  if (rest.length > 0) {
    onLine(rest.toString());
  }
}

/** @returns the last line, as long as it has no end */
function handOutWhole(bytes: Buffer, onLine: OnLine): Buffer {
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    onLine(bytes.subarray(start, end).toString());
    start = end + 1;
  }

  return bytes.subarray(start);
}
