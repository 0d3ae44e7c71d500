import {changeTables} from '@tacoplex/leveling';
import type {GroupNumber} from '@tacoplex/vocabulary';
import type {ClusterState, Server} from './state.ts';

/** Whether nothing would notice if this bin of this group moved. */
export type IdleBins = (group: GroupNumber, bin: number) => boolean;

/** A state whose servers changed, and how many bins that moved. */
export type Levelled = {readonly state: ClusterState; readonly moved: number};

/** Take over other servers, and let the bins of one group follow their weights by the fewest moves. */
export function levelGroup(
  state: ClusterState,
  servers: readonly Server[],
  number: GroupNumber,
  idle: IdleBins | undefined,
): Levelled {
  const shares = serversOf({servers}, number).map(server => ({
    server: server.number,
    weight: server.state === 'ready' ? server.weight : 0,
  }));
  let moved = 0;
  const groups = state.groups.map(group => {
    if (group.number !== number) {
      return group;
    }

    const change = changeTables(group, shares, idle === undefined ? undefined : bin => idle(number, bin));
    moved = change.moved;
    return {...group, base: change.base, fallback: change.fallback};
  });
  return {state: {...state, groups, servers}, moved};
}

/** The servers of one group, ascending by number. */
export function serversOf({servers}: Pick<ClusterState, 'servers'>, group: GroupNumber): readonly Server[] {
  return servers.filter(server => server.group === group);
}

/** Bins of the group whose base is this server. */
export function binsOf({groups}: ClusterState, {group, number}: Pick<Server, 'group' | 'number'>): number {
  const base = groups.find(candidate => candidate.number === group)?.base ?? new Uint16Array();
  return base.reduce((sum, server) => sum + (server === number ? 1 : 0), 0);
}
