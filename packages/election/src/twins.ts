import type {Echo} from './beat.ts';
import type {Event} from './election.ts';
import {act, set, type Turn, tell} from './turn.ts';

type Heard = Extract<Event, {kind: 'heard'}>;

/** A twin whose beats are not heard for this long is not echoed, and is news again. */
const rememberedForMs = 2000;

/** Processes that started this many beats apart, or less, started together: their nonces decide. */
const togetherBeats = 10;

/**
 * Another process says that it is this leveler: a recording of one that is gone, or a machine with the same number.
 * Both are told whom they hear; who is told that by the other knows that it lives. The one that started later gives
 * way, so that a number never has two votes.
 *
 * @param isFresh whether it has echoed a late beat of this process
 */
export function takeTwin(turn: Turn, {header: {nonce}, body}: Heard, isFresh: boolean): void {
  const {setup, state} = turn;
  act(turn, {kind: 'count', drop: 'twin', sender: setup.id});
  if (body.kind !== 'beat') {
    return;
  }

  const isNews = state.twin === undefined || state.nowMs - state.twin.heardMs > rememberedForMs;
  set(turn, {twin: {nonce, beat: body.beat, heardMs: state.nowMs, isTold: !isNews && state.twin?.isTold === true}});
  if (isNews) {
    set(turn, {beatSoon: true});
  }

  const echo = body.echoes.find(({id}) => id === setup.id);
  if (isFresh && echo !== undefined) {
    givesWay(body.beat - echo.beat, setup.nonce, nonce)
      ? act(turn, {kind: 'yield', to: body.about})
      : tellOnce(turn, body);
  }
}

/** What this leveler heard of its twin, for its own beats. */
export function echoOfTwin({setup, state: {twin, nowMs}}: Pick<Turn, 'setup' | 'state'>): Echo[] {
  return twin === undefined || nowMs - twin.heardMs > rememberedForMs
    ? []
    : [{id: setup.id, nonce: twin.nonce, beat: twin.beat, member: false}];
}

/** @param lead beats that the twin was ahead when it spoke: it comes to the same on both sides, but for its sign */
function givesWay(lead: number, own: string, its: string): boolean {
  return Math.abs(lead) > togetherBeats ? lead > 0 : own < its;
}

function tellOnce(turn: Turn, {about}: Extract<Heard['body'], {kind: 'beat'}>): void {
  const {twin} = turn.state;
  if (twin !== undefined && !twin.isTold) {
    set(turn, {twin: {...twin, isTold: true}});
    tell(turn, {kind: 'twin', name: about.name, mac: about.b?.mac});
  }
}
