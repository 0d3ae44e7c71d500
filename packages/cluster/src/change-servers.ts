import {binCount, type ServerNumber} from '@tacoplex/vocabulary';
import {type Change, checkName, count, type For, Refusal} from './change.ts';
import {findOrMakeGroup} from './change-groups.ts';
import {formatService} from './format.ts';
import {binsOf, type IdleBins, levelGroup, serversOf} from './group-tables.ts';
import {isHostAddress, isInteger} from './rules.ts';
import {type ClusterState, type Group, limits, type Server} from './state.ts';

export function addServer(
  before: ClusterState,
  {name, address, group: groupName, weight}: For<'addServer'>,
  idle: IdleBins | undefined,
): Change | Refusal {
  const home = findOrMakeGroup(before, groupName);
  if (home instanceof Refusal) {
    return home;
  }

  const {state, group} = home;
  const fault =
    checkNewName(state, name) ?? checkWeight(weight) ?? checkAddress(state, group, address) ?? checkRoom(state, group);
  if (fault !== undefined) {
    return fault;
  }

  const number = freeServerNumber(state);
  const server: Server = {number, name, address, group: group.number, weight, state: 'ready'};
  const servers = [...state.servers, server].sort((one, other) => one.number - other.number);
  const levelled = levelGroup(state, servers, group.number, idle).state;
  const bins = binsOf(levelled, server);
  return {
    state: {...levelled, nextServerNumber: (number % 65_535) + 1},
    changes: [
      ...home.changes,
      `server ${name} (${address}) added to group ${group.name} with weight ${weight}: ${bins} bins of ${binCount}`,
    ],
  };
}

export function removeServer(
  state: ClusterState,
  {name}: For<'removeServer'>,
  idle: IdleBins | undefined,
): Change | Refusal {
  const server = findServer(state, name);
  if (server instanceof Refusal) {
    return server;
  }

  const left = serversOf(state, server.group).length - 1;
  const service = state.services.find(({group}) => group === server.group);
  const groupName = groupNameOf(state, server);
  if (left === 0 && service !== undefined) {
    return new Refusal(
      `${name} is the last server of group ${groupName}, which serves ${formatService(service)}`,
      'add another server first, or remove the services: taco service remove ADDRESS[:PORT][/PROTOCOL]',
    );
  }

  const fault = left === 0 ? undefined : checkOthersServe(state, server);
  if (fault !== undefined) {
    return fault;
  }

  const servers = state.servers.filter(({number}) => number !== server.number);
  const levelled = levelGroup(state, servers, server.group, idle);
  const heirs = left === 0 ? 'nobody is left' : `${count(left, 'other')} took its ${count(levelled.moved, 'bin')}`;
  return {
    state: levelled.state,
    changes: [`server ${name} (${server.address}) removed from group ${groupName}: ${heirs}`],
  };
}

export function setWeight(
  state: ClusterState,
  {name, weight}: For<'setWeight'>,
  idle: IdleBins | undefined,
): Change | Refusal {
  const server = findServer(state, name);
  const fault =
    server instanceof Refusal
      ? server
      : (checkWeight(weight) ?? (weight === 0 ? checkOthersServe(state, server) : undefined));
  if (server instanceof Refusal || fault !== undefined) {
    return fault ?? (server as Refusal);
  }

  const servers = state.servers.map(other => (other.number === server.number ? {...server, weight} : other));
  const {state: levelled, moved} = levelGroup(state, servers, server.group, idle);
  const shift = `${binsOf(state, server)} bins, now ${binsOf(levelled, server)} of ${binCount}`;
  return {
    state: levelled,
    changes: [
      server.weight === weight
        ? `server ${name} has weight ${weight} already: nothing moved`
        : `server ${name} had weight ${server.weight}, now ${weight}: ${shift}; ${count(moved, 'bin')} moved`,
    ],
  };
}

/** A service must not be left with servers that all get nothing. */
function checkOthersServe(state: ClusterState, server: Server): Refusal | undefined {
  const service = state.services.find(({group}) => group === server.group);
  const others = serversOf(state, server.group).filter(({number, weight}) => number !== server.number && weight > 0);
  return service === undefined || server.weight === 0 || others.length > 0
    ? undefined
    : new Refusal(
        `${server.name} is the last server of group ${groupNameOf(state, server)} with a weight, and the group serves ${formatService(service)}`,
        'give another server a weight first, or remove the services: taco service remove ADDRESS[:PORT][/PROTOCOL]',
      );
}

/** @throws never: 16 groups of 1,000 servers do not use the numbers up */
function freeServerNumber({servers, nextServerNumber}: ClusterState): ServerNumber {
  const used = new Set<number>(servers.map(({number}) => number)); // Tables name no others
  let number = nextServerNumber;
  while (used.has(number)) {
    number = (number % 65_535) + 1;
  }

  return number as ServerNumber;
}

function findServer({servers}: ClusterState, name: string): Server | Refusal {
  return (
    servers.find(server => server.name === name) ?? new Refusal(`there is no server ${name}`, 'see: taco server list')
  );
}

function groupNameOf({groups}: ClusterState, server: Server): string {
  return groups.find(({number}) => number === server.group)?.name ?? '';
}

function checkNewName({servers}: ClusterState, name: string): Refusal | undefined {
  const known = servers.find(server => server.name === name);
  return known === undefined
    ? checkName('server', name)
    : new Refusal(
        `there is a server ${name} already (${known.address})`,
        `change it: taco server weight ${name} N; or remove it: taco server remove ${name}`,
      );
}

function checkWeight(weight: number): Refusal | undefined {
  return isInteger(weight, 0, limits.weight)
    ? undefined
    : new Refusal(`${weight} is no weight`, `a weight is a whole number from 0 (gets nothing) to ${limits.weight}`);
}

function checkAddress(state: ClusterState, group: Group, address: Server['address']): Refusal | undefined {
  if (!isHostAddress(address)) {
    return new Refusal(`${address} is no address of one machine`, "give the server's own address on net B");
  }

  const service = state.services.find(candidate => candidate.address === address);
  if (service !== undefined) {
    return new Refusal(
      `${address} is the address of service ${formatService(service)}`,
      "give the server's own address on net B: all servers have the service's on their loopback",
    );
  }

  const twin = serversOf(state, group.number).find(candidate => candidate.address === address);
  return (
    twin && new Refusal(`${address} is server ${twin.name} of group ${group.name} already`, 'see: taco server list')
  );
}

function checkRoom(state: ClusterState, group: Group): Refusal | undefined {
  return serversOf(state, group.number).length < limits.serversOfGroup
    ? undefined
    : new Refusal(
        `group ${group.name} has ${limits.serversOfGroup} servers already, and no more can be`,
        'use another group: taco group add NAME',
      );
}
