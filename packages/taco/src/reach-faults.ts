import type {Fault} from './net-faults.ts';
import {isPresent} from './presence.ts';
import type {LevelerDocument} from './schemas.ts';

/** What a leveler must reach to be of use, and where. */
const ends = [
  {net: 'A', what: 'router', countOf: ({routersReached}: LevelerDocument) => routersReached},
  {net: 'B', what: 'server', countOf: ({serversReached}: LevelerDocument) => serversReached},
] as const;

type End = (typeof ends)[number];
type Named = Pick<End, 'net' | 'what'>;

/** Live levelers that no router or no server answers, or few servers. Those without a link are told elsewhere. */
export function findReachFaults(levelers: readonly LevelerDocument[]): Fault[] {
  const live = levelers.filter(isPresent);
  return ends.flatMap(end => faultsOf(live, end));
}

function faultsOf(live: readonly LevelerDocument[], end: End): Fault[] {
  const linked = live.filter(({reachesA, reachesB}) => (end.net === 'A' ? reachesA : reachesB));
  const lost = linked.filter(leveler => end.countOf(leveler) === 0);
  if (lost.length > 0 && lost.length === linked.length) {
    return [reachedByNobody(end)];
  }

  const faults = lost.map(({name}) => reachesNobody(name, end));
  return end.net === 'A' ? faults : [...faults, ...fewServers(linked, end)];
}

/** Levelers that give way to others that reach more servers. */
function fewServers(linked: readonly LevelerDocument[], end: End): Fault[] {
  const most = Math.max(
    0,
    ...linked.filter(({routersReached}) => routersReached !== 0).map(one => end.countOf(one) ?? 0),
  );
  return linked.flatMap(leveler => {
    const count = end.countOf(leveler) ?? most;
    return count > 0 && count < most ? [reachesFew(leveler.name, count, most, end)] : [];
  });
}

function reachedByNobody({net, what}: End): Fault {
  const whose = what === 'router' ? 'net_a.routers in taco.toml are their addresses' : 'taco server list has them';
  return {
    what: `no ${what} answers any leveler on net ${net}`,
    advice: `are they up, and do they answer ARP? ${whose}`,
  };
}

function reachesNobody(leveler: string, {net, what}: Named): Fault {
  return {
    what: `no ${what} answers leveler ${leveler} on net ${net}: shared addresses go to levelers that reach one`,
    advice: adviceFor(leveler, {net, what}),
  };
}

function reachesFew(leveler: string, count: number, most: number, {net, what}: Named): Fault {
  const answers = count === 1 ? `one ${what} answers` : `${count} ${what}s answer`;
  return {
    what: `only ${answers} leveler ${leveler} on net ${net}: shared addresses go to levelers that reach ${most}`,
    advice: adviceFor(leveler, {net, what}),
  };
}

function adviceFor(leveler: string, {net, what}: Named): string {
  return `mend net ${net} between ${leveler} and the ${what}s: cable, switch port, VLAN, packet filter`;
}
