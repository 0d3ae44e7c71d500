import type {Flow} from '@tacoplex/explaining';
import {familyOf, type IpAddress, type MacAddress, parseIp, parseMac} from '@tacoplex/vocabulary';
import {parseProtocol} from './protocols.ts';
import {Misunderstanding} from './refusals.ts';
import type {Given} from './verb.ts';

/** What `taco explain` was asked. */
export type Wanted = {
  /** A flow, or the capture file whose frames are meant; `-` is standard input. */
  readonly what: {readonly flow: Flow} | {readonly capture: string; readonly ourMac: MacAddress | undefined};
  /** The file to reason from instead of a running cluster. */
  readonly stateFile: string | undefined;
};

const usage =
  'taco explain tcp 192.0.2.7:40001 10.0.1.200:80, taco explain icmp ADDRESS ADDRESS, or taco explain --pcap FILE';
const withPorts: readonly number[] = [6, 17, 132];
const pings = {ipv4: 1, ipv6: 58} as const;

/** @throws Misunderstanding */
export function parseWanted({operands, options}: Given): Wanted {
  const stateFile = textOf(options.state);
  const capture = textOf(options.pcap);
  if (capture === undefined) {
    refuseOption(options, 'ourMac', '--our-mac is for --pcap: a frame made of a flow is ours');
    return {what: {flow: parseFlow(operands, options)}, stateFile};
  }

  if (operands.length > 0) {
    throw new Misunderstanding(`--pcap has its frames: ${operands.join(' ')} is too much`, usage);
  }

  for (const [name, flag] of [
    ['vlan', '--vlan'],
    ['id', '--id'],
  ] as const) {
    refuseOption(options, name, `${flag} is for a flow: the frames of a capture have their own`);
  }

  return {what: {capture, ourMac: parseOurMac(textOf(options.ourMac))}, stateFile};
}

function refuseOption(options: Given['options'], name: string, why: string): void {
  if (options[name] !== undefined) {
    throw new Misunderstanding(why, usage);
  }
}

function parseFlow(operands: readonly string[], options: Given['options']): Flow {
  const [protocolWord, sourceWord, destinationWord] = operands;
  if (protocolWord === undefined || sourceWord === undefined || destinationWord === undefined) {
    throw new Misunderstanding('a flow has a protocol, a source and a destination', usage);
  }

  if (operands.length > 3) {
    throw new Misunderstanding(`${operands.slice(3).join(' ')} is too much`, usage);
  }

  const isPing = /^(icmp|icmpv?6|ping)$/i.test(protocolWord);
  const number = isPing ? pings.ipv4 : parseProtocolWord(protocolWord);
  const hasPorts = withPorts.includes(number);
  const source = parseEnd(sourceWord, hasPorts, protocolWord);
  const destination = parseEnd(destinationWord, hasPorts, protocolWord);
  const family = familyOf(source.address);
  if (family !== familyOf(destination.address)) {
    throw new Misunderstanding(
      `${source.address} and ${destination.address} are not of one family`,
      'use two IPv4 or two IPv6 addresses',
    );
  }

  const identification = parseOption(options.id, '--id', 65_535);
  if (identification !== undefined && family === 'ipv6') {
    throw new Misunderstanding('--id is for IPv4: the header of IPv6 has no identification', '');
  }

  const vlan = parseOption(options.vlan, '--vlan', 4094);
  return {
    protocol: isPing ? pings[family] : number,
    source: source.address,
    destination: destination.address,
    sourcePort: source.port,
    destinationPort: destination.port,
    ...(vlan !== undefined && {vlan}),
    ...(identification !== undefined && {identification}),
  };
}

function parseProtocolWord(word: string): number {
  const number = parseProtocol(word);
  if (number === undefined || number === 0) {
    throw new Misunderstanding(`${word} is no protocol`, 'use tcp, udp, sctp, icmp, or a number from 1 to 255');
  }

  return number;
}

type End = {readonly address: IpAddress; readonly port: number};

/** `ADDRESS:PORT`, an IPv6 address in brackets; without ports `ADDRESS`. */
function parseEnd(word: string, hasPort: boolean, protocol: string): End {
  const [, inBrackets, plain, portWord] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(word) ?? [];
  const address = parseIp(portWord === undefined ? word.replace(/^\[(.*)\]$/, '$1') : (inBrackets ?? plain ?? ''));
  const port = Number(portWord ?? 0);
  if (address === undefined || port > 65_535 || (inBrackets !== undefined && familyOf(address) === 'ipv4')) {
    throw new Misunderstanding(`${word} is no address${hasPort ? ' with a port' : ''}`, usageOfEnd(hasPort));
  }

  if (hasPort !== (portWord !== undefined)) {
    throw new Misunderstanding(
      hasPort ? `${word} has no port, and ${protocol} needs one` : `${word} has a port, and ${protocol} has none`,
      usageOfEnd(hasPort),
    );
  }

  return {address, port};
}

function usageOfEnd(hasPort: boolean): string {
  return hasPort ? 'it reads 192.0.2.7:40001 or [2001:db8::7]:40001' : 'it reads 192.0.2.7 or 2001:db8::7';
}

function parseOption(option: string | boolean | undefined, flag: string, most: number): number | undefined {
  const text = textOf(option);
  if (text !== undefined && (!/^\d{1,5}$/.test(text) || Number(text) > most)) {
    throw new Misunderstanding(`${flag} ${text} is out of range`, `${flag} takes a whole number from 0 to ${most}`);
  }

  return text === undefined ? undefined : Number(text);
}

function parseOurMac(word: string | undefined): MacAddress | undefined {
  const mac = word === undefined ? undefined : parseMac(word);
  if (word !== undefined && mac === undefined) {
    throw new Misunderstanding(`${word} is no MAC address`, 'it reads 02:00:00:00:00:01');
  }

  return mac;
}

function textOf(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}
