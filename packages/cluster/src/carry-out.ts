import {formatVersion, sameVersion, type Version} from '@tacoplex/vocabulary';
import {type Change, Refusal} from './change.ts';
import {addGroup, removeGroup} from './change-groups.ts';
import {activateKey, addKey, retireKey, type ShownKeys} from './change-keys.ts';
import {addMember, announceMember, giveUpMembers, removeMember} from './change-members.ts';
import {addServer, removeServer, setWeight} from './change-servers.ts';
import {addService, removeService} from './change-services.ts';
import type {Command, Result} from './command.ts';
import type {IdleBins} from './group-tables.ts';
import {type ClusterState, limits, type Outcome} from './state.ts';

/**
 * What becomes of a command in this state.
 *
 * A command whose id is among the state's outcomes is not carried out again. A refused one leaves no trace.
 *
 * @param idle bins that nothing would notice moving, which are moved first; by default none is known
 * @param shown the keys of the levelers that are heard now; by default nobody is
 */
export function carryOut(state: ClusterState, command: Command, idle?: IdleBins, shown: ShownKeys = new Map()): Result {
  const outcome = state.outcomes.find(({command: id}) => id === command.id);
  if (outcome !== undefined) {
    return {kind: 'repeated', outcome};
  }

  const change = checkVersion(state.version, command.ifVersion) ?? perform(state, command, {idle, shown});
  if (change instanceof Refusal) {
    return {kind: 'refused', refusal: change.refusal, advice: change.advice};
  }

  const {changes} = change;
  if (change.state === state) {
    return {kind: 'repeated', outcome: {command: command.id, refusal: '', changes}};
  }

  const outcomes: Outcome[] = [...state.outcomes, {command: command.id, refusal: '', changes}];
  return {kind: 'done', state: {...change.state, outcomes: outcomes.slice(-limits.outcomes)}, changes};
}

function checkVersion(inForce: Version, wanted: Version | undefined): Refusal | undefined {
  if (wanted === undefined || sameVersion(inForce, wanted)) {
    return undefined;
  }

  const [isNow, wasAsked] = [formatVersion(inForce), formatVersion(wanted)];
  return new Refusal(
    isNow === wasAsked
      ? `version ${isNow} in force is not the one asked for: another leader made it`
      : `version ${isNow} is in force, not ${wasAsked}`,
    'look again with: taco status',
  );
}

type Known = {readonly idle: IdleBins | undefined; readonly shown: ShownKeys};

function perform(state: ClusterState, {id, operation}: Command, {idle, shown}: Known): Change | Refusal {
  switch (operation.kind) {
    case 'addServer':
      return addServer(state, operation, idle);
    case 'removeServer':
      return removeServer(state, operation, idle);
    case 'setWeight':
      return setWeight(state, operation, idle);
    case 'addService':
      return addService(state, operation);
    case 'removeService':
      return removeService(state, operation);
    case 'addGroup':
      return addGroup(state, operation.name);
    case 'removeGroup':
      return removeGroup(state, operation.name);
    case 'addMember':
      return addMember(state, operation);
    case 'removeMember':
      return removeMember(state, operation.id);
    case 'announceMember':
      return announceMember(state, operation);
    case 'addKey':
      return addKey(state, operation, shown);
    case 'activateKey':
      return activateKey(state, operation, shown);
    case 'retireKey':
      return retireKey(state, operation, shown);
    case 'giveUpMembers':
      return giveUpMembers(state, operation.ids, id);
  }
}
