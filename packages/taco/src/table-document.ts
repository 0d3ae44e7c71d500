import type {Answer} from '@tacoplex/messages';
import {ipFromBytes} from '@tacoplex/vocabulary';
import type {RangeDocument, TableDocument} from './schemas.ts';
import {formatPlainVersion} from './status-document.ts';

export type TableAnswered = NonNullable<Answer<'admin.ask'>['table']>;
type Group = TableAnswered['groups'][number];
type GroupShares = TableDocument['groups'][number];

const nobody = 0;

/** @param withRanges whether to list every run of bins that go to one server */
export function describeTable(answer: TableAnswered, withRanges: boolean): TableDocument {
  return {
    version: formatPlainVersion(answer.version) ?? '0.0',
    groups: answer.groups.map(group => describeGroup(answer, group, withRanges)),
  };
}

function describeGroup({servers}: TableAnswered, {number, name, base}: Group, withRanges: boolean): GroupShares {
  const table = serverNumbers(base);
  const counts = new Map<number, number>();
  for (const server of table) {
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }

  const ours = servers.filter(({group}) => group === number);
  const weights = ours.map(({weight, state}) => (state === 0 ? weight : 0));
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    number,
    name,
    bins: table.length,
    nobody: counts.get(nobody) ?? 0,
    servers: ours.map((server, index) => {
      const bins = counts.get(server.number) ?? 0;
      return {
        number: server.number,
        name: server.name,
        address: ipFromBytes(server.address),
        weight: server.weight,
        bins,
        share: table.length === 0 ? 0 : bins / table.length,
        configuredShare: weightSum === 0 ? 0 : (weights[index] ?? 0) / weightSum,
      };
    }),
    ...(withRanges ? {ranges: namedRanges(table, new Map(ours.map(server => [server.number, server.name])))} : {}),
  };
}

/** @param base 16-bit numbers, little-endian @returns one number for each bin */
function serverNumbers(base: Uint8Array): Uint16Array {
  const view = new DataView(base.buffer, base.byteOffset, base.byteLength);
  return Uint16Array.from({length: base.byteLength >> 1}, (_, bin) => view.getUint16(2 * bin, true));
}

function namedRanges(table: Uint16Array, names: ReadonlyMap<number, string>): RangeDocument[] {
  const ranges: RangeDocument[] = [];
  let first = 0;
  for (let bin = 1; bin <= table.length; bin++) {
    if (table[bin] !== table[first]) {
      const number = table[first] ?? nobody;
      ranges.push({first, last: bin - 1, server: number === nobody ? null : (names.get(number) ?? `number ${number}`)});
      first = bin;
    }
  }

  return ranges;
}
