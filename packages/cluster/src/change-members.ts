import type {LevelerId} from '@tacoplex/vocabulary';
import {type Change, checkName, type For, Refusal} from './change.ts';
import {isInteger} from './rules.ts';
import {type ClusterState, limits, type Member} from './state.ts';

/** A member under another name than before is renamed: its machine is. */
export function addMember(state: ClusterState, {id, name}: For<'addMember'>): Change | Refusal {
  const fault = checkMember(state, {id, name});
  if (fault !== undefined) {
    return fault;
  }

  const known = state.members.find(member => member.id === id);
  const others = state.members.filter(member => member.id !== id);
  if (known === undefined && others.length >= limits.members) {
    return new Refusal(`there are ${limits.members} levelers already, and no more can be`, 'see: taco leveler list');
  }

  const members = [...others, {id, name}].sort((one, other) => one.id - other.id);
  const change =
    known === undefined ? `leveler ${name} joined as ${id}` : `leveler ${id}, ${known.name}, is now ${name}`;
  return {state: {...state, members}, changes: [change]};
}

function checkMember({members}: ClusterState, {id, name}: Member): Refusal | undefined {
  if (!isInteger(id, 1, 65_535)) {
    return new Refusal(`${id} is no number of a leveler`, 'it is the host part of its net B address, 1 to 65535');
  }

  const namesake = members.find(member => member.name === name);
  if (namesake !== undefined) {
    return new Refusal(
      namesake.id === id ? `leveler ${name} is a member already` : `leveler ${namesake.id} is called ${name} already`,
      namesake.id === id ? 'see: taco leveler list' : 'give one of the two machines another host name',
    );
  }

  return checkName('leveler', name);
}

export function removeMember(state: ClusterState, id: LevelerId): Change | Refusal {
  const member = state.members.find(candidate => candidate.id === id);
  if (member === undefined) {
    return new Refusal(`leveler ${id} is no member`, 'see: taco leveler list');
  }

  if (state.members.length === 1) {
    return new Refusal(
      `${member.name} is the only leveler`,
      'let another one join first, with the same config and key',
    );
  }

  return {
    state: {...state, members: state.members.filter(candidate => candidate !== member)},
    changes: [`leveler ${member.name} is no member any more`],
  };
}
