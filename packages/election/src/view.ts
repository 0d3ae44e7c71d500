import type {LevelerId} from '@tacoplex/vocabulary';
import {astrayOf} from './astray.ts';
import type {About, RoleName} from './beat.ts';
import {roleName} from './beating.ts';
import {isUnsure} from './caretaking.ts';
import type {Caretaking} from './charge.ts';
import type {Edition, Peer, Setup, State} from './election.ts';
import {silenceOf} from './hearing.ts';
import {type Hears, ownHears, saidHears} from './hears.ts';
import {isLeaseOver, isReady} from './lease.ts';
import {hasMajority, isAlone, membersOf} from './turn.ts';
import type {Member, Stamp} from './value.ts';

/** What the other processes of this leveler are told of the cluster. */
export type View = {
  readonly self: LevelerId;
  readonly role: RoleName;
  readonly term: number;
  readonly leader: LevelerId | undefined;
  readonly mayForward: boolean;
  /** Its announcer may take shared addresses, and not only keep what it holds. */
  readonly mayTake: boolean;
  /** The lease of the data path runs from here, in ms of this machine's clock; undefined: it has none. */
  readonly leaseFromMs: number | undefined;
  readonly caretaking: Caretaking;
  /** Who serves instead; undefined: nobody, or it is not known. */
  readonly servedBy: LevelerId | undefined;
  /** Number of the question to ask on net A; undefined: none. */
  readonly probe: number | undefined;
  readonly hasMajority: boolean;
  /** Everybody heard of, every member, and this leveler itself; ascending by id. */
  readonly peers: readonly ViewedPeer[];
};

export type ViewedPeer = {
  readonly id: LevelerId;
  readonly name: string;
  readonly member: boolean;
  /** It only votes: nothing is handed to it, and nobody waits for it. */
  readonly witness: boolean;
  readonly live: boolean;
  /** Live, but on a side of its own: its claims do not count, and nothing is left to it. */
  readonly astray: boolean;
  readonly leaving: boolean;
  /** undefined: not heard in this process's life. */
  readonly about: About | undefined;
  /** Milliseconds; undefined: never heard there. */
  readonly silenceMs: {readonly a: number | undefined; readonly b: number | undefined};
  readonly applied: Stamp | undefined;
  /** What it hears of the others, as it says. */
  readonly hears: Hears;
  /** undefined: not told. */
  readonly edition: Edition | undefined;
};

export function viewOf(setup: Setup, state: State): View {
  const members = membersOf(state.held);
  const astray = astrayOf(setup, state);
  const peers = knownIds(setup, state).map(id => {
    const known = members.find(member => member.id === id);
    return viewPeer(setup, state, id, known, astray.has(id));
  });
  return Object.assign(ownView(setup, state), {peers});
}

/** This leveler, the members, and whoever was heard of; ascending. */
function knownIds({id: self}: Setup, {held, peers}: State): LevelerId[] {
  const members = membersOf(held).map(({id}) => id);
  const others = [self, ...peers.values().map(({id}) => id)].filter(id => !members.includes(id));
  return others.length === 0 ? members : [...members, ...others].sort((one, other) => one - other);
}

/** What a view tells of this leveler. */
export function ownView(setup: Setup, state: State): Omit<View, 'peers'> {
  return {
    self: setup.id,
    role: roleName(state.role),
    term: state.term,
    leader: state.leader,
    mayForward: mayForward(setup, state),
    mayTake: mayTake(setup, state),
    leaseFromMs: state.leaseFromMs === Number.NEGATIVE_INFINITY ? undefined : state.leaseFromMs,
    caretaking: state.charge.kind,
    servedBy: state.charge.kind === 'stopped' ? state.charge.servedBy : undefined,
    probe: state.charge.probe?.number,
    hasMajority: hasMajority({setup, state}),
  };
}

/**
 * Whether this leveler's data path may forward: its lease is not over. An election, or a question on net A, takes less
 * long; whoever learns that others serve has no lease any more.
 */
export function mayForward(setup: Setup, state: State): boolean {
  return isReady(setup, state) && !isLeaseOver(setup, state);
}

/** Only with a leader, with a majority that is about to elect one, alone, or as a caretaker: a lease is not enough. */
function mayTake(setup: Setup, state: State): boolean {
  const turn = {setup, state};
  const isEntitled =
    state.leader !== undefined || hasMajority(turn) || isAlone(turn) || state.charge.kind === 'caretaker';
  return isEntitled && !isUnsure(turn) && mayForward(setup, state);
}

/**
 * Whoever could take over the shared addresses of the leveler that sees this: other members that live, stay, and reach
 * both nets.
 */
export function successorsOf({self, peers}: View): LevelerId[] {
  return peers.filter(peer => peer.id !== self && canTakeOver(peer)).map(({id}) => id);
}

function canTakeOver({member, witness, live, astray, leaving, about}: ViewedPeer): boolean {
  return member && !witness && live && !astray && !leaving && about?.reachesA === true && about.reachesB;
}

function viewPeer(setup: Setup, state: State, id: LevelerId, known: Member | undefined, astray: boolean): ViewedPeer {
  const member = known !== undefined;
  if (id === setup.id) {
    return {
      id,
      name: setup.name,
      member,
      witness: setup.isWitness === true,
      live: true,
      astray,
      leaving: state.leaving,
      about: state.about,
      silenceMs: {a: 0, b: 0},
      applied: state.applied,
      hears: ownHears(setup, state),
      edition: setup.edition,
    };
  }

  const peer = state.peers.get(id);
  return {
    id,
    name: peer?.said?.about.name ?? known?.name ?? '',
    member,
    witness: peer?.said?.witness ?? known?.witness === true,
    live: peer?.live === true && peer.said !== undefined,
    astray,
    leaving: peer?.said?.leaving ?? false,
    about: peer?.said?.about,
    silenceMs: {a: silence(state, peer, 'a'), b: silence(state, peer, 'b')},
    applied: peer?.said?.applied,
    hears: saidHears(peer),
    edition: peer?.said?.edition,
  };
}

function silence(state: State, peer: Peer | undefined, net: 'a' | 'b'): number | undefined {
  return peer === undefined ? undefined : silenceOf(state, peer, net);
}
