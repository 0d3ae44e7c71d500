import type {ServiceName} from '@tacoplex/cluster';
import {parseServiceName} from '@tacoplex/cluster/format';
import {type IpAddress, parseIp} from '@tacoplex/vocabulary';
import {affinities} from './protocols.ts';
import {Misunderstanding} from './refusals.ts';
import type {Given} from './verb.ts';

/**
 * Read `ADDRESS[:PORT][/PROTOCOL]`, an IPv6 address with a port in brackets.
 *
 * @throws Misunderstanding
 */
export function parseService(word: string): ServiceName {
  const service = parseServiceName(word);
  if (service === undefined) {
    throw new Misunderstanding(
      `${word} is no service`,
      'a service reads ADDRESS[:PORT][/tcp|udp|sctp]: 10.0.1.200:80/tcp, 10.0.1.200, [fd00:b::200]:53/udp',
    );
  }

  return service;
}

/** @throws Misunderstanding unless 0..65535 */
export function parsePort(word: string): number {
  return parseNumber(word, 'port', 65_535);
}

/** @throws Misunderstanding unless 0..1000 */
export function parseWeight(word: string): number {
  return parseNumber(word, 'weight', 1000);
}

/** What `--if-version` says; undefined: nothing. @throws Misunderstanding */
export function readIfVersion({options: {ifVersion}}: Given): string | undefined {
  return typeof ifVersion === 'string' ? parseVersion(ifVersion) : undefined;
}

/** A version as `taco status` prints it, `TERM.INDEX`. @throws Misunderstanding */
function parseVersion(word: string): string {
  if (!/^\d{1,10}\.\d{1,10}$/.test(word)) {
    throw new Misunderstanding(`${word} is no version`, 'a version reads TERM.INDEX, as taco status prints it: 3.7');
  }

  return word;
}

const unitsMs = {ms: 1, s: 1000} as const;

/** How long between two questions, `500ms` or `2s`, in ms. @throws Misunderstanding unless 100 ms to an hour */
export function parseInterval(word: string): number {
  const [, number, unit] = /^(\d{1,7})(ms|s)$/.exec(word) ?? [];
  const ms = Number(number) * (unitsMs[unit as keyof typeof unitsMs] ?? Number.NaN);
  if (!(ms >= 100 && ms <= 3_600_000)) {
    throw new Misunderstanding(`${word} is no interval`, 'an interval reads 500ms or 2s, from 100ms to 3600s');
  }

  return ms;
}

/** @throws Misunderstanding unless 0..60 */
export function parseSeconds(word: string): number {
  return parseNumber(word, 'number of seconds', 60);
}

function parseNumber(word: string, what: string, most: number): number {
  if (!/^\d{1,6}$/.test(word) || Number(word) > most) {
    throw new Misunderstanding(`${word} is no ${what}`, `a ${what} is a whole number from 0 to ${most}`);
  }

  return Number(word);
}

/** @throws Misunderstanding */
export function parseAddress(word: string): IpAddress {
  const address = parseIp(word);
  if (address === undefined) {
    throw new Misunderstanding(`${word} is no IP address`, 'an address reads 10.0.1.101 or fd00:b::101');
  }

  return address;
}

/** @returns the number that messages have for it @throws Misunderstanding */
export function parseAffinity(word: string): number {
  const number = (affinities as readonly string[]).indexOf(word);
  if (number < 0) {
    throw new Misunderstanding(`${word} is no affinity`, `use one of ${affinities.join(', ')}`);
  }

  return number;
}
