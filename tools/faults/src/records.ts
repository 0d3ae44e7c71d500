/** A record on a long connection: its number, counted from 1, and in answers who gave it. One line of 64 bytes. */
export type Record = {readonly number: number; readonly server: string};

export const recordBytes = 64;

/** What the record service listens on. */
export const recordPort = 7007;

/** @param server at most 40 characters; empty in a question */
export function writeRecord({number, server}: Record): string {
  return `${`${number} ${server}`.padEnd(recordBytes - 1)}\n`;
}

/** @returns whole records in their order, and what is left of one that has not come to its end */
export function readRecords(text: string): {readonly records: readonly Record[]; readonly rest: string} {
  const count = Math.floor(text.length / recordBytes);
  const records = Array.from({length: count}, (_, index) => {
    const [number = '', server = ''] = text
      .slice(index * recordBytes, (index + 1) * recordBytes)
      .trim()
      .split(' ');
    return {number: Number(number), server};
  });
  return {records, rest: text.slice(count * recordBytes)};
}
