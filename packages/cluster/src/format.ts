import {familyOf, type IpAddress, parseIp} from '@tacoplex/vocabulary';
import {isServiceName} from './rules.ts';
import type {ServiceName} from './state.ts';

const protocolNames: Readonly<Record<number, string>> = {6: 'tcp', 17: 'udp', 132: 'sctp'};

/**
 * As people write it: `10.0.1.200:80/tcp`, `[fd00:b::c8]:53/udp`; every port: `10.0.1.200/tcp`; everything:
 * `10.0.1.200`, `fd00:b::c8`. `parseServiceName` reads it back.
 */
export function formatService({address, protocol, port}: ServiceName): string {
  const place = port === 0 ? address : `${bracket(address)}:${port}`;
  return protocol === 0 ? place : `${place}/${protocolNames[protocol] ?? protocol}`;
}

function bracket(address: IpAddress): string {
  return familyOf(address) === 'ipv6' ? `[${address}]` : address;
}

/**
 * Read `ADDRESS[:PORT][/PROTOCOL]`, an IPv6 address in brackets where a port follows (allowed elsewhere too).
 *
 * No port: every port. No protocol: TCP if there is a port, else every protocol. Port 0 or `*` is every port.
 *
 * @returns undefined if it is none, or names what can be no service
 */
export function parseServiceName(text: string): ServiceName | undefined {
  const [place = '', protocolText, ...rest] = text.split('/');
  const parts = /^(?:\[(?<inBrackets>[^[\]]+)\]|(?<plain>[^:[\]]+))(?::(?<portText>\d{1,5}|\*))?$/.exec(place)?.groups;
  const {inBrackets, plain, portText = '0'} = parts ?? {plain: place}; // An IPv6 address may stand there bare
  const address = parseIp(inBrackets ?? plain ?? '');
  const port = portText === '*' ? 0 : Number(portText);
  const protocol = parseProtocol(protocolText ?? (port === 0 ? 'any' : 'tcp'));
  if (address === undefined || protocol === undefined || rest.length > 0) {
    return undefined;
  }

  const isMisplaced = inBrackets !== undefined && familyOf(address) === 'ipv4';
  const name = {address, protocol, port};
  return isMisplaced || !isServiceName(name) ? undefined : name;
}

function parseProtocol(text: string): number | undefined {
  const names: Readonly<Record<string, number>> = {any: 0, tcp: 6, udp: 17, sctp: 132};
  return Object.hasOwn(names, text.toLowerCase()) ? names[text.toLowerCase()] : undefined;
}
