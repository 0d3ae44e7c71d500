import type {LevelerId} from '@tacoplex/vocabulary';
import type {Beat, Echo, Net} from './beat.ts';
import {beatSentMs, beatTogether} from './beating.ts';
import {type Draft, draftOfPeer} from './copying.ts';
import type {Drop, Event, Header, Peer, Setup, State} from './election.ts';
import {followBeat} from './following.ts';
import {takeMessage} from './messages.ts';
import {act, set, setPeer, type Turn, tell} from './turn.ts';
import {takeTwin} from './twins.ts';
import {admit, emptyWindow} from './window.ts';

/** How many of my beats an echo may be old. */
const freshBeats = 10;

/** Of how many former processes of a leveler it is known what they said. */
const mostFormer = 4;

type Heard = Extract<Event, {kind: 'heard'}>;

/** Take one authentic datagram: first whether it counts at all, then what it says. */
export function hear(turn: Turn, event: Heard): void {
  const {header} = event;
  const echo = echoOf(turn.setup, event);
  const isFresh = echo !== undefined && isLate(turn, echo);
  if (header.sender === turn.setup.id && header.nonce !== turn.setup.nonce) {
    takeTwin(turn, event, isFresh);
    return;
  }

  const peer = recognise(turn, event, isFresh);
  if (typeof peer === 'string') {
    act(turn, {kind: 'count', drop: peer, sender: header.sender});
    return;
  }

  if (!isFresh) {
    setPeer(turn, peer);
    noteHello(turn, event);
    return;
  }

  const {live, said} = peer;
  if (!live && said !== undefined) {
    tell(turn, {kind: 'live', peer: peer.id, name: said.about.name});
  }

  peer.live = true;
  peer.freshMs = turn.state.nowMs;
  takeBody(turn, peer, event, echo);
}

function takeBody(turn: Turn, peer: Draft<Peer>, {header, body}: Heard, echo: Echo): void {
  if (body.kind === 'beat') {
    takeBeat(turn, peer, header, body, echo);
    return;
  }

  setPeer(turn, peer);
  if (body.kind === 'chunk' || body.kind === 'missing') {
    act(turn, {kind: 'piece', from: header.sender, piece: body});
  } else {
    takeMessage(turn, header.sender, body);
  }
}

/** The sender with this datagram ticked off, as a copy that is still to be changed; or why the datagram is dropped. */
function recognise({setup, state}: Turn, event: Heard, isFresh: boolean): Draft<Peer> | Drop {
  const {header, net} = event;
  if (header.sender === setup.id) {
    return 'own';
  }

  if (header.net !== net) {
    return 'wrong-net';
  }

  if (header.to !== undefined && header.to !== setup.id) {
    return 'stray';
  }

  const peer = sameProcess(state, event, isFresh);
  const window = peer === undefined ? 'stale' : admit(peer.windows[net], header.sequence);
  if (peer === undefined || typeof window === 'string') {
    return window === 'duplicate' ? 'replay' : 'stale';
  }

  const draft = draftOfPeer(peer);
  draft.windows = onNet(peer.windows, net, window);
  draft.heardMs = onNet(peer.heardMs, net, state.nowMs);
  draft.beat = event.body.kind === 'beat' ? Math.max(peer.beat, event.body.beat) : peer.beat;
  return draft;
}

function onNet<T>({a, b}: Readonly<Record<Net, T>>, net: Net, value: T): Readonly<Record<Net, T>> {
  return net === 'a' ? {a: value, b} : {a, b: value};
}

/**
 * The peer as the process that speaks. Another nonce than before is believed when it is fresh, or when the one before
 * is silent: a recording of an earlier process can be neither as long as the true one is heard. Except that what the
 * process before said within the last beats is still fresh: so it is remembered what was heard of that.
 */
function sameProcess(state: State, {header: {sender, nonce}}: Heard, fresh: boolean): Peer | undefined {
  const known = state.peers.get(sender);
  if (known?.nonce === nonce) {
    return known;
  }

  if (known === undefined) {
    return stranger(sender, nonce);
  }

  const was = known.former.find(former => former.nonce === nonce);
  return fresh || !known.live ? {...stranger(sender, nonce), ...was, former: formerOf(known)} : undefined;
}

/** Only of processes that were heard freshly: recordings of others must not push those out. */
function formerOf({nonce, beat, windows, saidSequence, freshMs, former}: Peer): Peer['former'] {
  return freshMs === Number.NEGATIVE_INFINITY
    ? former
    : [...former.filter(one => one.nonce !== nonce), {nonce, beat, windows, saidSequence}].slice(-mostFormer);
}

function stranger(id: LevelerId, nonce: string): Peer {
  return {
    id,
    nonce,
    live: false,
    freshMs: Number.NEGATIVE_INFINITY,
    heardMs: {a: undefined, b: undefined},
    beat: 0,
    windows: {a: emptyWindow, b: emptyWindow},
    saidSequence: 0,
    said: undefined,
    saidEchoMs: Number.NEGATIVE_INFINITY,
    former: [],
  };
}

/** What the speaker heard of this leveler last. */
function echoOf({id: self}: Setup, {header, body}: Heard): Echo | undefined {
  return body.kind === 'beat' ? body.echoes.find(({id}) => id === self) : header.echo;
}

/** Whether it is a late beat of this very process. */
function isLate({setup, state}: Turn, {id, nonce, beat}: Echo): boolean {
  return id === setup.id && nonce === setup.nonce && beat > 0 && beat <= state.beat && beat >= state.beat - freshBeats;
}

/** Somebody who does not hear us yet: we echo him, and make no cluster of our own while he has a state. */
function noteHello(turn: Turn, {header, body}: Heard): void {
  if (body.kind !== 'beat') {
    act(turn, {kind: 'count', drop: 'stale', sender: header.sender});
  } else if (body.lineage !== undefined) {
    set(turn, {newsMs: turn.state.nowMs});
  }
}

function takeBeat(turn: Turn, peer: Draft<Peer>, {sender, sequence}: Header, beat: Beat, echo: Echo): void {
  if (sequence <= peer.saidSequence) {
    setPeer(turn, peer); // An older one, overtaken on the way
    return;
  }

  if (peer.said === undefined) {
    set(turn, {newsMs: turn.state.nowMs});
    tell(turn, {kind: 'live', peer: sender, name: beat.about.name});
  }

  if (beat.leaving && peer.said?.leaving !== true) {
    tell(turn, {kind: 'left', peer: sender, name: beat.about.name});
  }

  const isWhole = peer.said?.beat === beat.beat;
  peer.said = beat;
  peer.saidSequence = sequence;
  peer.saidEchoMs = beatSentMs(turn.state, echo.beat);
  setPeer(turn, peer);
  beatTogether(turn, isWhole);
  followBeat(turn, sender, beat);
}

/** Milliseconds since anything was heard of a peer on a net; undefined: never. */
export function silenceOf(state: State, peer: Peer, net: Net): number | undefined {
  const heardMs = peer.heardMs[net];
  return heardMs === undefined ? undefined : Math.max(0, state.nowMs - heardMs);
}
