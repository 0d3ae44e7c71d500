import {formatSilence} from './durations.ts';
import {printHearing} from './print-hearing.ts';
import {printAddresses, printLevelers, printServers, printServices} from './print-lists.ts';
import type {StatusDocument} from './schemas.ts';
import {type Cell, escapeControls, formatCount, formatTable, type Style} from './text.ts';

/** The whole state of a leveler and its cluster on one screen; what is wrong comes last, where the eye rests. */
export function printStatus(status: StatusDocument, style: Style): string {
  return [
    headline(status, style),
    section('Levelers', status.levelers.length, () => printLevelers(status.levelers, style), style),
    ...(status.levelers.length > 1 ? [printHearing(status.levelers, style)] : []),
    section('Addresses', status.addresses.length, () => printAddresses(status.addresses, style), style),
    section('Services', status.services.length, () => printServices(status.services, style), style),
    section('Servers', status.servers.length, () => printServers(status.servers, style), style),
    `${style.bold('Engine')}\n  ${engine(status, style)}`,
    section('Processes', status.processes.length, () => processes(status, style), style),
    ...(status.reasons.length > 0 ? [`${style.bold('Counters')}\n${reasons(status, style)}`] : []),
    warnings(status, style),
  ].join('\n\n');
}

function headline(status: StatusDocument, style: Style): string {
  const {cluster, self, leader, term, version} = status;
  return [
    servingLine(status, style),
    `${style.bold(escapeControls(`Cluster ${cluster ?? '(no state yet)'}`))}, seen by ${escapeControls(self ?? 'a leveler whose elector is silent')}`,
    leader === null
      ? style.bad(`No leader${term === null ? '' : `, term ${term}`}`)
      : `Leader ${escapeControls(leader)}, term ${term}`,
    version === null ? style.bad('No version') : `Version ${version}, ${agreement(status, style)}`,
    standingLine(status, style),
  ].join('\n');
}

function agreement({agree, digest, differ}: StatusDocument, style: Style): string {
  if (agree === null) {
    return 'not known whether the levelers agree';
  }

  return agree
    ? `all levelers agree (digest ${digest?.slice(0, 8)})`
    : style.bad(
        `digest ${digest?.slice(0, 8)}; ${escapeControls(differ.join(', '))} ${differ.length === 1 ? 'differs' : 'differ'}`,
      );
}

function servingLine({serving: {state, words}}: StatusDocument, style: Style): string {
  const text = escapeControls(`${words.charAt(0).toUpperCase()}${words.slice(1)}`);
  return state === 'served' ? style.good(text) : state === 'failing' ? style.bad(text) : text;
}

function standingLine({standing: {state, words}}: StatusDocument, style: Style): string {
  const text = escapeControls(`${words.charAt(0).toUpperCase()}${words.slice(1)}`);
  return state === 'whole' ? text : style.bad(text);
}

function section(title: string, count: number, print: () => string, style: Style): string {
  return `${style.bold(title)}\n${count === 0 ? '  none' : print()}`;
}

function engine({engine: running}: StatusDocument, style: Style): string {
  if (running === null) {
    return style.bad('not heard');
  }

  const {name, reason, interfaceA, interfaceB, haltedBecause, version} = running;
  const what = `${name} (${reason}), ${interfaceA} to ${interfaceB}, follows version ${version ?? 'none'}`;
  return haltedBecause === null
    ? `${escapeControls(what)}, ${style.good('forwards')}`
    : `${escapeControls(what)}, ${style.bad(escapeControls(`halted: ${haltedBecause}`))}`;
}

function processes({processes: all}: StatusDocument, style: Style): string {
  const rows = all.map(({name, silenceMs}): Cell[] => [name, formatSilence(silenceMs)]);
  return formatTable([{heading: 'NAME'}, {heading: 'LAST HEARD', isNumber: true}], rows, style);
}

function reasons({reasons: all}: StatusDocument, style: Style): string {
  const rows = all.map(({name, count}): Cell[] => [name, formatCount(count)]);
  return formatTable([{heading: 'REASON'}, {heading: 'COUNT', isNumber: true}], rows, style);
}

/** All is only said to be well when it was tried. */
function warnings({warnings: all, serving}: StatusDocument, style: Style): string {
  if (all.length === 0) {
    return serving.state === 'served' ? style.good('All is well.') : 'Nothing is known to be wrong.';
  }

  return all
    .map(({what, advice}) => `${style.bad('!')} ${escapeControls(what)}\n  ${escapeControls(advice)}`)
    .join('\n');
}
