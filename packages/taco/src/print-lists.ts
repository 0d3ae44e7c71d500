import {formatService} from '@tacoplex/cluster/format';
import type {IpAddress} from '@tacoplex/vocabulary';
import {formatDuration, formatSilence} from './durations.ts';
import {parseProtocol} from './protocols.ts';
import type {GroupDocument, LevelerDocument, ServerDocument, ServiceDocument, SharedDocument} from './schemas.ts';
import {type Cell, type Column, formatCount, formatTable, type Style} from './text.ts';

export function printLevelers(levelers: readonly LevelerDocument[], style: Style): string {
  const rows = levelers.map((leveler): Cell[] => [
    leveler.self ? {text: `${leveler.name} (here)`, paint: style.bold} : leveler.name,
    String(leveler.id),
    leveler.address ?? '-',
    {text: leveler.state, paint: leveler.state === 'live' ? style.good : style.bad},
    leveler.role,
    leveler.version ?? '-',
    leveler.holds.join(' ') || '-',
    formatSilence(leveler.silenceMs),
  ]);
  const columns = ['NAME', 'ID', 'ADDRESS', 'STATE', 'ROLE', 'VERSION', 'HOLDS', 'LAST BEAT'];
  return formatTable(withNumbers(columns, ['ID', 'LAST BEAT']), rows, style);
}

export function printAddresses(addresses: readonly SharedDocument[], style: Style): string {
  const rows = addresses.map(({address, net, holder, heldMs, strangers}): Cell[] => [
    address,
    net === 'a' ? 'LevIP' : 'gateway',
    holder ?? {text: 'nobody', paint: style.bad},
    holder === null ? '-' : formatDuration(heldMs),
    strangers.length === 0 ? '' : {text: `also ${strangers.join(' ')}`, paint: style.bad},
  ]);
  const hasStrangers = addresses.some(({strangers}) => strangers.length > 0);
  const columns = ['ADDRESS', 'KIND', 'HOLDER', 'SINCE', ...(hasStrangers ? ['STRANGERS'] : [])];
  return formatTable(
    withNumbers(columns, ['SINCE']),
    rows.map(row => row.slice(0, columns.length)),
    style,
  );
}

export function printServices(services: readonly ServiceDocument[], style: Style): string {
  const rows = services.map((service): Cell[] => [
    formatService({
      address: service.address as IpAddress,
      port: service.port,
      protocol: parseProtocol(service.protocol) ?? 0,
    }),
    service.group,
    service.affinity,
    formatCount(service.packets),
    formatCount(service.bytes),
  ]);
  return formatTable(
    withNumbers(['SERVICE', 'GROUP', 'AFFINITY', 'PACKETS', 'BYTES'], ['PACKETS', 'BYTES']),
    rows,
    style,
  );
}

export function printServers(servers: readonly ServerDocument[], style: Style): string {
  const rows = servers.map((server): Cell[] => [
    server.name,
    server.address,
    server.group,
    {text: server.state, paint: server.state === 'ready' ? style.good : style.dim},
    String(server.weight),
    formatCount(server.bins),
    formatCount(server.packets),
    server.mac ?? '-',
    formatSilence(server.silenceMs),
  ]);
  const columns = ['NAME', 'ADDRESS', 'GROUP', 'STATE', 'WEIGHT', 'BINS', 'PACKETS', 'MAC', 'LAST ANSWER'];
  return formatTable(withNumbers(columns, ['WEIGHT', 'BINS', 'PACKETS', 'LAST ANSWER']), rows, style);
}

export function printGroups(groups: readonly GroupDocument[], style: Style): string {
  const rows = groups.map(({number, name, servers, services}): Cell[] => [
    name,
    String(number),
    String(servers),
    String(services),
  ]);
  const columns = ['NAME', 'NUMBER', 'SERVERS', 'SERVICES'];
  return formatTable(withNumbers(columns, ['NUMBER', 'SERVERS', 'SERVICES']), rows, style);
}

/** Where a terminal is narrow, these are left out. */
const spare = ['ID', 'ADDRESS', 'VERSION', 'LAST BEAT', 'AFFINITY', 'BYTES', 'MAC', 'LAST ANSWER', 'PACKETS'];

function withNumbers(headings: readonly string[], numbers: readonly string[]): Column[] {
  return headings.map((heading, at) => ({
    heading,
    isNumber: numbers.includes(heading),
    mayGo: at > 0 && spare.includes(heading),
  }));
}
