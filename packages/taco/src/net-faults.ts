import {isPresent} from './presence.ts';
import type {LevelerDocument} from './schemas.ts';

/** What is wrong, and what to do about it. */
export type Fault = {readonly what: string; readonly advice: string};

type Net = 'a' | 'b';
/** `from` should hear `to`. */
type Pair = {readonly from: LevelerDocument; readonly to: LevelerDocument};

/** Single pairs that are told one by one; a net with more trouble than that needs to be looked at as a whole. */
const mostPairs = 4;

/** Where a net does not carry the levelers' words, by what the live ones hear of each other. */
export function findNetFaults(levelers: readonly LevelerDocument[]): Fault[] {
  const live = levelers.filter(isPresent);
  return (['a', 'b'] as const).flatMap(net => faultsOf(live, net));
}

function faultsOf(live: readonly LevelerDocument[], net: Net): Fault[] {
  const linkless = live.filter(leveler => !hasLink(leveler, net));
  const linked = live.filter(leveler => hasLink(leveler, net));
  const deaf = deafPairs(linked, net);
  const pairs = linked.length * (linked.length - 1);
  if (linked.length > 2 && deaf.length === pairs) {
    return [...linkless.map(leveler => noLink(leveler, net)), deadNet(net)];
  }

  const lost = linked.length > 2 ? linked.filter(leveler => isLost(leveler, linked, deaf)) : [];
  const rest = deaf.filter(({from, to}) => !(lost.includes(from) || lost.includes(to)));
  return [
    ...linkless.map(leveler => noLink(leveler, net)),
    ...lost.map(leveler => notReached(leveler, net)),
    ...pairFaults(rest, net),
  ];
}

function hasLink({reachesA, reachesB}: LevelerDocument, net: Net): boolean {
  return net === 'a' ? reachesA : reachesB;
}

function deafPairs(levelers: readonly LevelerDocument[], net: Net): Pair[] {
  return levelers.flatMap(from => levelers.filter(to => to !== from && isDeaf(from, to, net)).map(to => ({from, to})));
}

/** Known not to hear it there. */
function isDeaf({hears}: LevelerDocument, {name}: LevelerDocument, net: Net): boolean {
  const on = hears.find(({leveler}) => leveler === name)?.on;
  return on === 'none' || (on !== 'both' && on !== net && on !== null && on !== undefined);
}

/** It hears nobody there, and nobody hears it. */
function isLost(leveler: LevelerDocument, levelers: readonly LevelerDocument[], deaf: readonly Pair[]): boolean {
  const concerned = deaf.filter(({from, to}) => from === leveler || to === leveler);
  return concerned.length === 2 * (levelers.length - 1);
}

const name = (net: Net): string => `net ${net.toUpperCase()}`;

function noLink({name: leveler}: LevelerDocument, net: Net): Fault {
  return {
    what: `leveler ${leveler} has no link on ${name(net)}`,
    advice: `look at its cable and switch port; on ${leveler}: ip link`,
  };
}

function notReached({name: leveler}: LevelerDocument, net: Net): Fault {
  return {
    what: `leveler ${leveler} hears nobody on ${name(net)}, and nobody hears it there`,
    advice: `mend ${name(net)} at ${leveler}: cable, switch port, VLAN, packet filter`,
  };
}

function deadNet(net: Net): Fault {
  return {
    what: `nobody hears anybody on ${name(net)}`,
    advice: `mend ${name(net)}: does its switch pass multicast (IGMP snooping needs a querier), and no filter stops UDP?`,
  };
}

function pairFaults(deaf: readonly Pair[], net: Net): Fault[] {
  const seen = new Set<Pair>();
  const faults = deaf.flatMap(pair => {
    if (seen.has(pair)) {
      return [];
    }

    const back = deaf.find(({from, to}) => from === pair.to && to === pair.from);
    if (back !== undefined) {
      seen.add(back);
    }

    return [pairFault(pair, back !== undefined, net)];
  });
  const more = faults.length - mostPairs;
  return more > 0
    ? [
        ...faults.slice(0, mostPairs),
        {what: `${more} more such pairs on ${name(net)}`, advice: 'the matrix above shows them: taco status'},
      ]
    : faults;
}

function pairFault({from, to}: Pair, isMutual: boolean, net: Net): Fault {
  return {
    what: isMutual
      ? `levelers ${from.name} and ${to.name} do not hear each other on ${name(net)}`
      : `leveler ${from.name} does not hear ${to.name} on ${name(net)}, though ${to.name} hears it`,
    advice: `mend ${name(net)} between ${from.name} and ${to.name}: switches, VLANs, packet filters`,
  };
}
