import {binCount} from '@tacoplex/vocabulary';
import {keyIdOf, sealedBytes} from './keys.ts';
import {compareServices, isClusterName, isHostAddress, isInteger, isName, isServiceName} from './rules.ts';
import {type ClusterState, type Group, keyStages, limits, type Server} from './state.ts';
import {refuse} from './wire-fields.ts';

/**
 * Check every rule that a state obeys: ranges, order, uniqueness, and that nothing is named that is not there.
 *
 * @throws RangeError with the path of the first thing that breaks a rule
 */
export function checkState(state: ClusterState): void {
  demand(isClusterName(state.cluster), 'cluster', 'must be 1..32 of a-z, 0-9 and hyphen');
  demand(state.hashKey.length === 16, 'hashKey', 'must have 16 bytes');
  demand(isInteger(state.nextServerNumber, 1, 65_535), 'nextServerNumber', 'must be 1..65535');
  demand(state.forks > 0 === (state.fork !== ''), 'forks', 'must be 0 without a fork, and more with one');
  checkMembers(state);
  checkOutsiders(state);
  checkGroups(state);
  checkServers(state);
  checkServices(state);
  checkTables(state);
  checkKeys(state);
  demand(state.outcomes.length <= limits.outcomes, 'outcomes', `must be at most ${limits.outcomes}`);
  demandUnique('outcomes', state.outcomes, ({command}) => command);
}

function checkKeys({keyRotation, keys}: ClusterState): void {
  demand(isInteger(keyRotation, 0, 4_294_967_295), 'keyRotation', 'must be 0..4294967295');
  demand((keyRotation === 0) === (keys.length === 0), 'keys', 'must be there if there was a rotation, and only then');
  demand(keys.length === 0 || keys[0]?.stage === 'current', 'keys', 'must begin with the current one');
  keys.forEach(({fingerprint, sealed}, index) => {
    demand(/^[0-9a-f]{16}$/.test(fingerprint), `keys[${index}].fingerprint`, 'must have 8 bytes');
    demand(sealed === undefined || sealed.bytes.length === sealedBytes, `keys[${index}].sealed`, 'is no sealed secret');
    demand(sealed === undefined || /^[0-9a-f]{16}$/.test(sealed.by), `keys[${index}].sealedBy`, 'must have 8 bytes');
  });
  demandOrder('keys', keys, (one, other) => keyStages.indexOf(one.stage) - keyStages.indexOf(other.stage));
  demandUnique('keys', keys, keyIdOf);
}

function checkMembers({members}: ClusterState): void {
  demand(isInteger(members.length, 1, limits.members), 'members', `must be 1..${limits.members}`);
  members.forEach(({id, name}, index) => {
    demand(isInteger(id, 1, 65_535), `members[${index}].id`, 'must be 1..65535');
    demand(isName(name), `members[${index}].name`, 'is no name');
  });
  demandOrder('members', members, (one, other) => one.id - other.id);
  demandUnique('members', members, ({name}) => name);
}

function checkOutsiders({outsiders, members}: ClusterState): void {
  demand(outsiders.length <= limits.outsiders, 'outsiders', `must be at most ${limits.outsiders}`);
  const ids = new Set(members.map(({id}) => id));
  outsiders.forEach(({id, name}, index) => {
    demand(isInteger(id, 1, 65_535), `outsiders[${index}].id`, 'must be 1..65535');
    demand(isName(name), `outsiders[${index}].name`, 'is no name');
    demand(!ids.has(id), `outsiders[${index}].id`, 'is a member');
  });
  demandOrder('outsiders', outsiders, (one, other) => one.id - other.id);
}

function checkGroups({groups}: ClusterState): void {
  groups.forEach(({number, name, base, fallback}, index) => {
    demand(isInteger(number, 0, limits.groups - 1), `groups[${index}].number`, `must be 0..${limits.groups - 1}`);
    demand(isName(name), `groups[${index}].name`, 'is no name');
    demand(base.length === binCount && fallback.length === binCount, `groups[${index}]`, `needs ${binCount} bins`);
  });
  demandOrder('groups', groups, (one, other) => one.number - other.number);
  demandUnique('groups', groups, ({name}) => name);
}

function checkServers({servers, groups}: ClusterState): void {
  const sizes = new Map(groups.map(({number}) => [number, 0]));
  servers.forEach((server, index) => {
    const path = `servers[${index}]`;
    checkServer(path, server);
    const size = sizes.get(server.group) ?? refuse(`${path}.group`, `there is no group ${server.group}`);
    demand(size < limits.serversOfGroup, path, `its group has more than ${limits.serversOfGroup} servers`);
    sizes.set(server.group, size + 1);
  });
  demandOrder('servers', servers, (one, other) => one.number - other.number);
  demandUnique('servers', servers, ({name}) => name);
  demandUnique('servers', servers, ({address, group}) => `${address} in group ${group}`);
}

function checkServer(path: string, {number, name, address, weight}: Server): void {
  demand(isInteger(number, 1, 65_535), `${path}.number`, 'must be 1..65535');
  demand(isName(name), `${path}.name`, 'is no name');
  demand(isHostAddress(address), `${path}.address`, 'is no address of one machine');
  demand(isInteger(weight, 0, limits.weight), `${path}.weight`, `must be 0..${limits.weight}`);
}

function checkServices({services, groups, servers}: ClusterState): void {
  demand(services.length <= limits.services, 'services', `must be at most ${limits.services}`);
  const numbers = new Set(groups.map(({number}) => number));
  const taken = new Set(servers.map(({address}) => address));
  services.forEach((service, index) => {
    const path = `services[${index}]`;
    demand(isServiceName(service), path, 'is no address, protocol and port of a service');
    demand(!taken.has(service.address), `${path}.address`, 'belongs to a server');
    demand(numbers.has(service.group), `${path}.group`, `there is no group ${service.group}`);
  });
  demandOrder('services', services, compareServices);
}

function checkTables({groups, servers}: ClusterState): void {
  groups.forEach((group, index) => {
    const known = new Uint8Array(65_536).fill(1, 0, 1); // 0 is nobody
    for (const {number} of servers.filter(server => server.group === group.number)) {
      known[number] = 1;
    }

    for (const column of ['base', 'fallback'] as const) {
      checkColumn(`groups[${index}].${column}`, group, column, known);
    }
  });
}

function checkColumn(path: string, group: Group, column: 'base' | 'fallback', known: Uint8Array): void {
  const stranger = group[column].findIndex(server => known[server] === 0);
  demand(stranger < 0, `${path}[${stranger}]`, `${group[column][stranger]} is no server of this group`);
}

function demand(holds: boolean, path: string, rule: string): void {
  if (!holds) {
    refuse(path, rule);
  }
}

function demandOrder<Item>(path: string, items: readonly Item[], compare: (one: Item, other: Item) => number): void {
  const index = items.findIndex((item, at) => at > 0 && compare(items[at - 1]!, item) >= 0);
  demand(index < 0, `${path}[${index}]`, 'must come after the one before it');
}

function demandUnique<Item>(path: string, items: readonly Item[], keyOf: (item: Item) => string): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    demand(!seen.has(keyOf(item)), `${path}[${index}]`, `${keyOf(item)} stands there twice`);
    seen.add(keyOf(item));
  });
}
