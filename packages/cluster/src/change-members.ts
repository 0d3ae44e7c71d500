import type {LevelerId} from '@tacoplex/vocabulary';
import {type Change, checkName, type For, Refusal} from './change.ts';
import {isInteger} from './rules.ts';
import {type ClusterState, limits, type Member, type Outsider} from './state.ts';

const seeList = 'see: taco leveler list';

/** A member under another name than before is renamed: its machine is. One that was removed is not admitted. */
export function addMember(state: ClusterState, {id, name, witness}: For<'addMember'>): Change | Refusal {
  const fault = checkMember(state, {id, name}) ?? checkAdmission(state, {id, name});
  if (fault !== undefined) {
    return fault;
  }

  const known = state.members.find(member => member.id === id);
  const others = state.members.filter(member => member.id !== id);
  if (known === undefined && others.length >= limits.members) {
    return new Refusal(`there are ${limits.members} levelers already, and no more can be`, seeList);
  }

  const member = {id, name, ...(witness === true ? {witness} : {})};
  const members = [...others, member].sort((one, other) => one.id - other.id);
  const change =
    known === undefined
      ? `${witness === true ? 'witness' : 'leveler'} ${name} joined as ${id}`
      : `leveler ${id}, ${known.name}, is now ${name}`;
  return {state: {...state, members, outsiders: without(state, id)}, changes: [change]};
}

function checkMember({members}: ClusterState, {id, name}: Member): Refusal | undefined {
  if (!isInteger(id, 1, 65_535)) {
    return new Refusal(`${id} is no number of a leveler`, 'it is the host part of its net B address, 1 to 65535');
  }

  const namesake = members.find(member => member.name === name);
  if (namesake !== undefined) {
    return new Refusal(
      namesake.id === id ? `leveler ${name} is a member already` : `leveler ${namesake.id} is called ${name} already`,
      namesake.id === id ? seeList : 'give one of the two machines another host name',
    );
  }

  return checkName('leveler', name);
}

function checkAdmission({outsiders}: ClusterState, {id, name}: Member): Refusal | undefined {
  if (outsiders.some(outsider => outsider.id === id && outsider.removed)) {
    return new Refusal(`leveler ${name} was removed by an operator`, `to let it in again: taco leveler add ${name}`);
  }

  const announced = outsiders.find(outsider => outsider.name === name && outsider.id !== id && !outsider.removed);
  return announced === undefined
    ? undefined
    : new Refusal(
        `leveler ${name} is announced as ${announced.id}, and ${id} calls itself so`,
        'give it the net B address that was announced, or announce it anew',
      );
}

/** Say that a leveler is to come; it does not count before it has. One that was removed may come back. */
export function announceMember(state: ClusterState, {id, name}: For<'announceMember'>): Change | Refusal {
  const fault = checkMember(state, {id, name}) ?? checkNewcomer(state, {id, name});
  if (fault !== undefined) {
    return fault;
  }

  if (state.outsiders.some(outsider => outsider.id === id && outsider.removed)) {
    return {state: {...state, outsiders: without(state, id)}, changes: [`leveler ${name} (${id}) may join again`]};
  }

  return {
    state: {...state, outsiders: withOutsider(state, {id, name, removed: false})},
    changes: [`leveler ${name} is announced as ${id}`],
  };
}

function checkNewcomer({members, outsiders}: ClusterState, {id, name}: Member): Refusal | undefined {
  const member = members.find(candidate => candidate.id === id);
  if (member !== undefined) {
    return new Refusal(`leveler ${id} is a member already, called ${member.name}`, seeList);
  }

  const announced = outsiders.find(outsider => !outsider.removed && (outsider.id === id || outsider.name === name));
  return announced === undefined
    ? undefined
    : new Refusal(
        `leveler ${announced.name} is announced already, as ${announced.id}`,
        `to take that back: taco leveler remove ${announced.name}`,
      );
}

/** A member that is removed does not come back by itself; one that was announced is forgotten. */
export function removeMember(state: ClusterState, id: LevelerId): Change | Refusal {
  const member = state.members.find(candidate => candidate.id === id);
  if (member === undefined) {
    return forgetOutsider(state, id);
  }

  if (state.members.length === 1) {
    return new Refusal(
      `${member.name} is the only leveler`,
      'let another one join first, with the same config and key',
    );
  }

  const members = state.members.filter(candidate => candidate !== member);
  return {
    state: {...state, members, outsiders: withOutsider(state, {...member, removed: true})},
    changes: [`leveler ${member.name} is no member any more`],
  };
}

function forgetOutsider(state: ClusterState, id: LevelerId): Change | Refusal {
  const outsider = state.outsiders.find(candidate => candidate.id === id);
  if (outsider === undefined || outsider.removed) {
    return new Refusal(
      outsider === undefined ? `leveler ${id} is no member` : `leveler ${outsider.name} was removed already`,
      seeList,
    );
  }

  return {
    state: {...state, outsiders: without(state, id)},
    changes: [`leveler ${outsider.name} is announced no more`],
  };
}

function without({outsiders}: ClusterState, id: LevelerId): Outsider[] {
  return outsiders.filter(outsider => outsider.id !== id);
}

/** Of more than are remembered, the one with the lowest number is forgotten. */
function withOutsider(state: ClusterState, outsider: Outsider): Outsider[] {
  return [...without(state, outsider.id), outsider].sort((one, other) => one.id - other.id).slice(-limits.outsiders);
}

/** One after the other, as if they were removed; and a line of states of its own begins. */
export function giveUpMembers(state: ClusterState, ids: readonly LevelerId[], fork: string): Change | Refusal {
  let change: Change = {state: {...state, fork, forks: state.forks + 1}, changes: []};
  for (const id of new Set(ids)) {
    const next = removeMember(change.state, id);
    if (next instanceof Refusal) {
      return next;
    }

    change = {state: next.state, changes: [...change.changes, ...next.changes]};
  }

  return change.changes.length === 0 ? new Refusal('no leveler is named', 'see: taco leveler list') : change;
}
