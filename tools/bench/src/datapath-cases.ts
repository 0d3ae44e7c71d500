import {ConfigError} from '@tacoplex/errors';
import type {Shape} from './datapath-frames.ts';

/** One situation in which all forwarders are compared. */
export type Case = Shape & {
  /** Such as `udp4-60`, and for fewer flows or servers `udp4-60-1flow-4servers`. */
  readonly name: string;
  readonly flows: (typeof flowCounts)[number];
  readonly servers: (typeof serverCounts)[number];
};

export const flowCounts = [65_536, 1] as const;
export const serverCounts = [200, 4] as const;
const shapes: readonly Shape[] = [
  {protocol: 'udp', family: 4, bytes: 60},
  {protocol: 'tcp', family: 4, bytes: 60},
  {protocol: 'udp', family: 6, bytes: 60},
  {protocol: 'tcp', family: 6, bytes: 60},
  {protocol: 'udp', family: 4, bytes: 1400},
  {protocol: 'udp', family: 6, bytes: 1400},
];

/** Most flows, most servers: the hardest. */
export const isFull = ({flows, servers}: Case): boolean => flows === flowCounts[0] && servers === serverCounts[0];

/** The targets are about these: frames so short that the header is all there is to them. */
export const hasTarget = (one: Case): boolean => isFull(one) && one.bytes === 60;

/** All there are, the full ones first. */
export const allCases: readonly Case[] = flowCounts
  .flatMap(flows => serverCounts.flatMap(servers => shapes.map(shape => caseOf(shape, flows, servers))))
  .sort((one, other) => Number(isFull(other)) - Number(isFull(one)));

function caseOf(shape: Shape, flows: Case['flows'], servers: Case['servers']): Case {
  const {protocol, family, bytes} = shape;
  const name = [
    `${protocol}${family}-${bytes}`,
    ...(flows === flowCounts[0] ? [] : [`${flows}flow`]),
    ...(servers === serverCounts[0] ? [] : [`${servers}servers`]),
  ].join('-');
  return {...shape, flows, servers, name};
}

/**
 * The cases to run.
 *
 * @param wanted names between commas; `udp4-60` also with `*` for any letters; undefined: all, or if `quick` those with a target
 * @throws ConfigError USAGE if a name fits none
 */
export function chooseCases(wanted: string | undefined, quick: boolean): readonly Case[] {
  if (wanted === undefined) {
    return quick ? allCases.filter(hasTarget) : allCases;
  }

  const patterns = wanted.split(',').map(text => ({text, fits: patternOf(text)}));
  for (const {text, fits} of patterns) {
    if (!allCases.some(({name}) => fits.test(name))) {
      const names = allCases.map(({name}) => name).join(', ');
      throw new ConfigError(`--cases ${text}: there is none; there are ${names}`, {code: 'USAGE'});
    }
  }

  return allCases.filter(({name}) => patterns.some(({fits}) => fits.test(name)));
}

function patternOf(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[^\w*-]/g, '').replaceAll('*', '.*')}$`);
}
