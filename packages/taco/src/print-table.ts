import type {TableDocument} from './schemas.ts';
import {type Cell, escapeControls, formatCount, formatTable, type Style} from './text.ts';

type Group = TableDocument['groups'][number];

/** Per group who has how many bins, and who should; with ranges also which. */
export function printTable({version, groups}: TableDocument, style: Style): string {
  const parts = groups.map(group => printGroup(group, style));
  return [`Version ${version}`, ...(parts.length === 0 ? ['No groups.'] : parts)].join('\n\n');
}

function printGroup(group: Group, style: Style): string {
  return [
    style.bold(`Group ${escapeControls(group.name)}, ${formatCount(group.bins)} bins`),
    ...(group.servers.length === 0 ? ['  no servers'] : [shares(group, style)]),
    ...(group.nobody === 0 ? [] : [style.bad(`  ${formatCount(group.nobody)} bins have no server`)]),
    ...(group.ranges === undefined ? [] : [ranges(group.ranges, style)]),
  ].join('\n');
}

function shares({servers}: Group, style: Style): string {
  const rows = servers.map(({name, address, weight, bins, share, configuredShare}): Cell[] => [
    name,
    address,
    String(weight),
    formatCount(bins),
    percent(share),
    percent(configuredShare),
  ]);
  const columns = ['SERVER', 'ADDRESS', 'WEIGHT', 'BINS', 'SHARE', 'CONFIGURED'];
  return formatTable(
    columns.map((heading, index) => ({heading, isNumber: index > 1})),
    rows,
    style,
  );
}

function ranges(all: NonNullable<Group['ranges']>, style: Style): string {
  const rows = all.map(({first, last, server}): Cell[] => [
    first === last ? String(first) : `${first}-${last}`,
    formatCount(last - first + 1),
    server ?? '-',
  ]);
  return formatTable([{heading: 'BINS'}, {heading: 'COUNT', isNumber: true}, {heading: 'SERVER'}], rows, style);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
