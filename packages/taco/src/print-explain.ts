import {agrees, describeKey, type Flow, keyKindOf, meaningOf} from '@tacoplex/explaining';
import {familyOf, type IpAddress, toHex} from '@tacoplex/vocabulary';
import {formatProtocol} from './protocols.ts';
import type {Batch, Reasoned} from './reasoner.ts';
import type {ExplainedDocument} from './schemas.ts';
import {escapeControls} from './text.ts';

const outcomes = {
  forward: 'goes to a server',
  pass: 'goes up the stack of the leveler that receives it',
  drop: 'is dropped',
  hold: 'waits for the first fragment of its datagram',
  unknown: 'cannot be told',
} as const;

const pings: readonly number[] = [1, 58];

/** One flow, with everything that led to the decision. */
export function printFlow(flow: Flow, reasoned: Reasoned, batch: Batch): string {
  const {verdict, reason, server} = reasoned.explanation;
  const outcome = verdict === 'forward' && server !== undefined ? `goes to server ${server.name}` : outcomes[verdict];
  const rows = [
    ...serviceRows(reasoned),
    ...keyRows(reasoned),
    ...serverRows(reasoned),
    ['verdict', `${verdict === 'unknown' ? 'none' : verdict}, ${reason}: ${meaningOf(reason)}`],
    ['state', batch.version === null ? 'from the file, tables computed from it' : `version ${batch.version}`],
    ['engine', engineWords(reasoned, batch)],
  ] as const;
  return [
    `${formatFlow(flow)} ${outcome}`,
    '',
    ...rows.map(([name, words]) => `  ${name.padEnd(9)}${escapeControls(words)}`.trimEnd()),
  ].join('\n');
}

type Row = readonly [name: string, words: string];

function formatFlow({protocol, source, destination, sourcePort, destinationPort, vlan}: Flow): string {
  const isPing = pings.includes(protocol);
  const hasPorts = sourcePort + destinationPort > 0;
  const end = (address: IpAddress, port: number): string => {
    const place = familyOf(address) === 'ipv6' ? `[${address}]` : address;
    return hasPorts ? `${place}:${port}` : address;
  };
  const name = isPing ? 'ping' : formatProtocol(protocol);
  return `${name} ${end(source, sourcePort)} -> ${end(destination, destinationPort)}${vlan === undefined ? '' : ` in VLAN ${vlan}`}`;
}

function serviceRows({explanation: {service}}: Reasoned): Row[] {
  return [
    [
      'service',
      service === undefined ? 'none' : `${service.name}, group ${service.group}, affinity ${service.affinity}`,
    ],
  ];
}

function keyRows({explanation: {service, key}}: Reasoned): Row[] {
  if (key === undefined) {
    return [];
  }

  const parts = describeKey(key.bytes);
  const kind = keyKindOf(key.bytes);
  const why = kind === service?.affinity ? '' : `: a packet that has no ${service?.affinity} key`;
  return [
    ['key', toHex(key.bytes)],
    ...parts.map(({name, bytes, value}): Row => ['', `${toHex(bytes)} ${name} ${value}${name === 'kind' ? why : ''}`]),
    ['hash', `${key.hash}, SipHash-1-3 of the key under the cluster's hash key`],
    ['bin', `${key.bin}, the low 16 bits of the hash`],
  ];
}

function serverRows({explanation: {server, key}}: Reasoned): Row[] {
  if (server === undefined) {
    return key === undefined ? [] : [['server', 'none']];
  }

  const {name, address, number, weight, state, isFallback, mac} = server;
  const role = isFallback ? ', in place of the dead server that owns the bin' : '';
  return [
    ['server', `${name}, ${address}, number ${number}, weight ${weight}, ${state}${role}`],
    ['MAC', mac ?? 'not known'],
  ];
}

function engineWords({explanation, engine}: Reasoned, {engine: name, silence, version}: Batch): string {
  if (name === null) {
    return version === null ? `not asked: ${silence}` : `gave no word: ${silence}`;
  }

  if (engine === undefined) {
    return `${name} cannot try such a frame`;
  }

  const said = [engine.verdict, engine.reason, engine.destination].filter(word => word !== undefined).join(', ');
  return agrees(explanation, engine) === false ? `${name} DIFFERS: ${said}` : `${name} agrees`;
}

/** Widths that hold what is common; longer words push the rest of their line to the right. */
const widths = [6, 7, 20, 24, 5, 14, 17, 7] as const;
const isNumber = [true, false, false, false, true, false, false, false] as const;

export const captureHeading = layOut(['N', 'VERDICT', 'REASON', 'SERVICE', 'BIN', 'SERVER', 'MAC', 'ENGINE']);

/** One frame of a capture, one line. */
export function captureLine(frame: ExplainedDocument): string {
  const {n, verdict, reason, service, bin, server, mac, agree, cut, engineSaid} = frame;
  const said = engineSaid === null ? '' : `: ${engineSaid.verdict} ${engineSaid.reason ?? ''} ${engineSaid.mac ?? ''}`;
  const engine = agree === null ? '-' : agree ? 'agrees' : `DIFFERS${said}`;
  const note = cut && verdict !== null ? ' (cut)' : '';
  return layOut([
    String(n),
    verdict ?? '-',
    `${reason}${note}`,
    service ?? '-',
    String(bin ?? '-'),
    server ?? '-',
    mac ?? '-',
    engine,
  ]);
}

function layOut(cells: readonly string[]): string {
  return cells
    .map((cell, at) => {
      const text = escapeControls(cell);
      return isNumber[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
    })
    .join('  ')
    .trimEnd();
}
