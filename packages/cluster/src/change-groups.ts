import {binCount, type GroupNumber} from '@tacoplex/vocabulary';
import {type Change, checkName, count, Refusal} from './change.ts';
import {serversOf} from './group-tables.ts';
import {type ClusterState, defaultGroup, type Group, limits} from './state.ts';

export function addGroup(state: ClusterState, name: string): Change | Refusal {
  const fault = checkName('group', name);
  if (fault !== undefined) {
    return fault;
  }

  if (state.groups.some(group => group.name === name)) {
    return new Refusal(`there is a group ${name} already`, 'see: taco group list');
  }

  const number = Array.from({length: limits.groups}, (_, candidate) => candidate).find(
    candidate => !state.groups.some(group => group.number === candidate),
  );
  if (number === undefined) {
    return new Refusal(
      `there are ${limits.groups} groups already, and no more can be`,
      'remove one first: taco group remove NAME',
    );
  }

  const group: Group = {
    number: number as GroupNumber,
    name,
    base: new Uint16Array(binCount),
    fallback: new Uint16Array(binCount),
  };
  const groups = [...state.groups, group].sort((one, other) => one.number - other.number);
  return {state: {...state, groups}, changes: [`group ${name} added`]};
}

export function removeGroup(state: ClusterState, name: string): Change | Refusal {
  const group = findGroup(state, name);
  if (group instanceof Refusal) {
    return group;
  }

  const services = state.services.filter(service => service.group === group.number);
  if (services.length > 0) {
    return new Refusal(
      `group ${name} serves ${count(services.length, 'service')}`,
      'remove them first: taco service remove ADDRESS[:PORT][/PROTOCOL]',
    );
  }

  const servers = serversOf(state, group.number);
  if (servers.length > 0) {
    return new Refusal(
      `group ${name} has ${count(servers.length, 'server')}`,
      'remove them first: taco server remove NAME',
    );
  }

  return {
    state: {...state, groups: state.groups.filter(({number}) => number !== group.number)},
    changes: [`group ${name} removed`],
  };
}

/** @param name empty: the default group */
export function findGroup({groups}: ClusterState, name: string): Group | Refusal {
  const wanted = name === '' ? defaultGroup : name;
  return (
    groups.find(group => group.name === wanted) ??
    new Refusal(
      `there is no group ${wanted}`,
      groups.length === 0
        ? 'the first server makes one: taco server add NAME ADDRESS'
        : `there ${groups.length === 1 ? 'is' : 'are'} ${groups.map(group => group.name).join(', ')}; a new one: taco group add NAME`,
    )
  );
}

/** As `findGroup`, but the default group is made when it is missing. */
export function findOrMakeGroup(state: ClusterState, name: string): (Change & {readonly group: Group}) | Refusal {
  const found = findGroup(state, name);
  if (!(found instanceof Refusal)) {
    return {state, changes: [], group: found};
  }

  if (name !== '' && name !== defaultGroup) {
    return found;
  }

  const made = addGroup(state, defaultGroup);
  if (made instanceof Refusal) {
    return made;
  }

  const group = findGroup(made.state, defaultGroup);
  return group instanceof Refusal ? group : {...made, group};
}
