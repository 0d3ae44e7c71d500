import {readFileSync} from 'node:fs';
import type {ImageContent, Verdict} from '@tacoplex/leveling';
import {binCount, fromHex, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import test, {type TestFn} from 'ava';
import {Twins, XdpReplica} from '../src/index.ts';

/** Loading a program takes root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN. */
export const onKernel = (process.getuid?.() === 0 ? test : test.skip) as TestFn;

type Rule = {readonly first: number; readonly count: number; readonly shift: number};

/** The file that the forwarding function's tests in TypeScript write, and theirs and ours are held against. */
export type Fixture = {
  readonly reasons: readonly {readonly name: string; readonly verdict: Verdict}[];
  readonly affinities: Readonly<Record<string, number>>;
  readonly image: Omit<ImageContent, 'hashKey' | 'groups'> & {
    readonly hashKey: string;
    readonly groups: readonly {readonly number: number; readonly base: Rule; readonly fallback: Rule}[];
  };
  readonly frames: readonly {
    readonly name: string;
    readonly frame: string;
    readonly verdict: Verdict;
    readonly reason: string;
    readonly service: number;
    readonly group: number;
    readonly bin: number;
    readonly server: number;
  }[];
};

const fixtures = new URL('../../../leveling/fixtures/', import.meta.url);

export const readFixture = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as T;

export const fixture = readFixture<Fixture>('frames.json');

const table = ({first, count, shift}: Rule): Uint16Array =>
  Uint16Array.from({length: binCount}, (_, bin) => first + ((bin + shift) % count));

/** The content that the fixtures' frames are decided by. */
export const content: ImageContent = {
  ...fixture.image,
  hashKey: bytesOf(fixture.image.hashKey),
  groups: fixture.image.groups.map(({number, base, fallback}) => ({
    number: number as never,
    base: table(base),
    fallback: table(fallback),
  })),
};

export const sourceMac = macToBytes('02:00:00:00:00:b1' as MacAddress);

export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) {
    throw new RangeError('not hexadecimal');
  }

  return bytes;
}

export const frameNamed = (wanted: string): Uint8Array => {
  const found = fixture.frames.find(({name}) => name === wanted);
  if (found === undefined) {
    throw new RangeError(`no frame ${wanted}`);
  }

  return bytesOf(found.frame);
};

/** The loaded program with that content, free to forward, and its twin. */
export function startTwins(isOneArm = false): {replica: XdpReplica; twins: Twins} {
  const options = {sourceMac, isOneArm};
  const replica = new XdpReplica({...options, wantsLogs: true});
  const twins = new Twins(replica, options);
  twins.install(content);
  replica.control.forwardForEver();
  return {replica, twins};
}
