import {type Decoded, tacoplex} from '@tacoplex/messages';
import {binCount, equalBytes, formatVersion, type GroupNumber, sameVersion} from '@tacoplex/vocabulary';
import {type BinRuns, changeBins, compareTables} from './bin-runs.ts';
import {checkState} from './check-state.ts';
import {changeList, compareLists, sameFields} from './differences.ts';
import {formatService} from './format.ts';
import {compareServices} from './rules.ts';
import type {ClusterState, Group, Outcome, Service} from './state.ts';
import {fromVersionMessage, readMessage, refuse, toVersionMessage} from './wire-fields.ts';
import {
  fromKeyMessage,
  fromMemberMessage,
  fromOutcomeMessage,
  fromOutsiderMessage,
  fromServerMessage,
  fromServiceMessage,
  toKeyMessage,
  toMemberMessage,
  toOutcomeMessage,
  toOutsiderMessage,
  toServerMessage,
  toServiceMessage,
} from './wire-parts.ts';

const codec = tacoplex.state.v1.Patch;

type PatchMessage = Decoded<InstanceType<typeof codec>>;
type GroupMessage = {
  readonly number: number;
  readonly name: string;
  readonly base: readonly BinRuns[];
  readonly fallback: readonly BinRuns[];
};

const idOf = ({id}: {readonly id: number}): number => id;
const numberOf = ({number}: {readonly number: number}): number => number;
const byId = (one: {readonly id: number}, other: {readonly id: number}): number => one.id - other.id;
const byNumber = (one: {readonly number: number}, other: {readonly number: number}): number =>
  one.number - other.number;
const emptyTable = new Uint16Array(binCount);

/**
 * What makes `from` into `to`, in one or two bytes for each bin that differs, and little else.
 *
 * @throws RangeError unless both are of one cluster: same name, same hash key
 */
export function encodePatch(from: ClusterState, to: ClusterState): Uint8Array {
  if (from.cluster !== to.cluster || !equalBytes(from.hashKey, to.hashKey) || from.fork !== to.fork) {
    refuse('patch', 'is between states of one cluster');
  }

  const members = compareLists(from.members, to.members, idOf, sameFields);
  const servers = compareLists(from.servers, to.servers, numberOf, sameFields);
  const services = compareLists(from.services, to.services, formatService, sameFields);
  const groups = compareLists(from.groups, to.groups, numberOf, sameGroup);
  const outsiders = compareLists(from.outsiders, to.outsiders, idOf, sameFields);
  const dropped = countDropped(from.outcomes, to.outcomes);
  const message: PatchMessage = {
    from: toVersionMessage(from.version),
    to: toVersionMessage(to.version),
    members: members.changed.map(toMemberMessage),
    membersGone: members.gone.map(idOf),
    groups: groups.changed.map(group => toGroupMessage(findGroup(from, group.number), group)),
    groupsGone: groups.gone.map(numberOf),
    servers: servers.changed.map(toServerMessage),
    serversGone: servers.gone.map(numberOf),
    services: services.changed.map(toServiceMessage),
    servicesGone: services.gone.map(toGoneMessage),
    outcomesDropped: dropped,
    outcomes: to.outcomes.slice(from.outcomes.length - dropped).map(toOutcomeMessage),
    nextServerNumber: to.nextServerNumber,
    keyRotation: to.keyRotation,
    keys: to.keys.map(toKeyMessage),
    outsiders: outsiders.changed.map(toOutsiderMessage),
    outsidersGone: outsiders.gone.map(idOf),
  };
  return codec.encode(message as never).finish();
}

/**
 * The state that a patch makes of another, checked by every rule that a state obeys.
 *
 * @throws RangeError if it was made for another state, cannot be read, or makes what is no state
 */
export function applyPatch(from: ClusterState, patch: Uint8Array): ClusterState {
  const message = readMessage<PatchMessage>('patch', codec, patch);
  checkFits(from, message);
  const state: ClusterState = {
    cluster: from.cluster,
    version: fromVersionMessage(message.to ?? refuse('patch.to', 'is missing')),
    hashKey: from.hashKey,
    members: changeList(from.members, message.members.map(fromMemberMessage), new Set(message.membersGone), idOf, byId),
    groups: changeList(
      from.groups,
      message.groups.map(group => fromGroupMessage(findGroup(from, group.number), group)),
      new Set(message.groupsGone),
      numberOf,
      byNumber,
    ),
    servers: changeList(
      from.servers,
      message.servers.map(server => fromServerMessage('patch.servers', server)),
      new Set(message.serversGone),
      numberOf,
      byNumber,
    ),
    services: changeList(
      from.services,
      message.services.map(service => fromServiceMessage('patch.services', service)),
      new Set(message.servicesGone.map(service => formatService(fromServiceMessage('patch.servicesGone', service)))),
      formatService,
      compareServices,
    ),
    outcomes: [
      ...from.outcomes.slice(message.outcomesDropped),
      ...message.outcomes.map(outcome => fromOutcomeMessage('patch.outcomes', outcome)),
    ],
    nextServerNumber: message.nextServerNumber,
    keyRotation: message.keyRotation,
    keys: message.keys.map(key => fromKeyMessage('patch.keys', key)),
    outsiders: changeList(
      from.outsiders,
      message.outsiders.map(fromOutsiderMessage),
      new Set(message.outsidersGone),
      idOf,
      byId,
    ),
    fork: from.fork,
    forks: from.forks,
  };
  checkState(state);
  return state;
}

function checkFits({version}: ClusterState, message: PatchMessage): void {
  const from = fromVersionMessage(message.from ?? refuse('patch.from', 'is missing'));
  if (!sameVersion(from, version)) {
    refuse('patch.from', `it fits version ${formatVersion(from)} of ${from.nonce}, not ${formatVersion(version)}`);
  }
}

function toGroupMessage(before: Group | undefined, {number, name, base, fallback}: Group): GroupMessage {
  return {
    number,
    name,
    base: compareTables(before?.base ?? emptyTable, base),
    fallback: compareTables(before?.fallback ?? emptyTable, fallback),
  };
}

function fromGroupMessage(before: Group | undefined, {number, name, base, fallback}: GroupMessage): Group {
  return {
    number: number as GroupNumber,
    name,
    base: changeBins('patch.groups.base', before?.base ?? emptyTable, base),
    fallback: changeBins('patch.groups.fallback', before?.fallback ?? emptyTable, fallback),
  };
}

function sameGroup(one: Group, other: Group): boolean {
  return one.name === other.name && sameTable(one.base, other.base) && sameTable(one.fallback, other.fallback);
}

function sameTable(one: Uint16Array, other: Uint16Array): boolean {
  return one === other || one.every((server, bin) => server === other[bin]);
}

function findGroup({groups}: ClusterState, number: number): Group | undefined {
  return groups.find(group => group.number === number);
}

function toGoneMessage(service: Service): ReturnType<typeof toServiceMessage> {
  return toServiceMessage({...service, group: 0 as GroupNumber, affinity: 'flow'});
}

/** How many of the oldest outcomes must go so that what is left begins the new list. */
function countDropped(from: readonly Outcome[], to: readonly Outcome[]): number {
  const first = to[0]?.command;
  const dropped = from.findIndex(({command}) => command === first);
  const kept = dropped < 0 ? [] : from.slice(dropped);
  return kept.every((outcome, index) => sameOutcome(outcome, to[index])) ? from.length - kept.length : from.length;
}

function sameOutcome(one: Outcome, other: Outcome | undefined): boolean {
  return (
    one.command === other?.command &&
    one.refusal === other.refusal &&
    one.changes.length === other.changes.length &&
    one.changes.every((change, index) => change === other.changes[index])
  );
}
