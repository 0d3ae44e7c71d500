import {randomBytes} from 'node:crypto';
import type {Clock} from '@tacoplex/clock';
import {type Claim, type Errand, successorsOf, type View, type ViewedPeer} from '@tacoplex/election';
import type {Log} from '@tacoplex/log';
import type {Reply} from '@tacoplex/messages';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {toLeaveAnswered} from './bus-wire.ts';

type Wish = {readonly stay: boolean; readonly force: boolean};
type Told = {readonly refusal: string; readonly advice: string; readonly held: readonly IpAddress[]};

export type DepartureParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly view: () => View;
  /** Leave, and wait a while until nothing shared is held. */
  readonly leave: () => Promise<void>;
  readonly stay: () => void;
  /** Ours, as they are now. */
  readonly claims: () => readonly Claim[];
  readonly send: (to: LevelerId, errand: Errand) => void;
};

/** Datagrams get lost: another leveler is asked again, but not for longer than the broker waits. */
const againMs = 100;
const patienceMs = 2500;

/** Answers are kept for whoever asks again. */
const mostAnswers = 64;

const nobodyTakesOver: Told = {
  refusal: 'no other leveler could take over: none lives that stays and reaches both nets',
  advice: 'taco leveler list shows them; --force leaves nevertheless',
  held: [],
};

/** Levelers that are asked by an operator to leave or to stay: this one, or through it another. */
export class Departures {
  readonly #parts: DepartureParts;
  /** By request: what was asked here by others, undefined while it is under way. */
  readonly #given = new Map<string, Told | undefined>();
  /** By request: what others were asked from here. */
  readonly #waiting = new Map<string, (told: Told) => void>();

  constructor(parts: DepartureParts) {
    this.#parts = parts;
  }

  /** An operator asks here. @param leveler 0: this one */
  async answer({leveler, ...wish}: Wish & {readonly leveler: number}): Promise<Reply<'elector.leave'>> {
    const {self, peers} = this.#parts.view();
    if (leveler === 0 || leveler === self) {
      return toLeaveAnswered(await this.#obey(wish));
    }

    const peer = peers.find(({id}) => id === leveler);
    return toLeaveAnswered(peer?.live === true ? await this.#pass(peer, wish) : notHeard(peer, leveler));
  }

  /** Another leveler's elector asks, or answers. */
  take(from: LevelerId, errand: Errand): void {
    if (errand.kind === 'leaveAnswered') {
      this.#waiting.get(errand.request)?.(errand);
      return;
    }

    const {request} = errand;
    if (this.#given.has(request)) {
      this.#tell(from, request);
      return;
    }

    this.#given.set(request, undefined);
    this.#forgetOld();
    void this.#obeyLater(from, errand);
  }

  /** The election is in the middle of a step now. */
  async #obeyLater(from: LevelerId, {request, ...wish}: Extract<Errand, {kind: 'leaveAsked'}>): Promise<void> {
    await Promise.resolve();
    this.#given.set(request, await this.#obey(wish));
    this.#tell(from, request);
  }

  #tell(to: LevelerId, request: string): void {
    const told = this.#given.get(request);
    if (told !== undefined) {
      this.#parts.send(to, {
        kind: 'leaveAnswered',
        request,
        refusal: told.refusal,
        advice: told.advice,
        held: told.held,
      });
    }
  }

  #forgetOld(): void {
    for (const request of [...this.#given.keys()].slice(0, -mostAnswers)) {
      this.#given.delete(request);
    }
  }

  async #obey({stay, force}: Wish): Promise<Told> {
    const {log, view, leave} = this.#parts;
    if (stay) {
      return this.#stay();
    }

    if (!force && successorsOf(view()).length === 0) {
      return nobodyTakesOver;
    }

    log.notice('leaving, as asked by an operator', {force});
    await leave();
    return this.#told();
  }

  #stay(): Told {
    const {log, view, stay} = this.#parts;
    if (!isLeaving(view())) {
      return {refusal: 'it does not leave', advice: 'taco leveler list shows who does', held: []};
    }

    stay();
    if (isLeaving(view())) {
      return {
        refusal: 'it leaves for want of a data path, which was taken away',
        advice:
          'restart its frame-forwarder: supervisorctl restart frame-forwarder, or systemctl restart tacoplex.target',
        held: [],
      };
    }

    log.notice('staying, as asked by an operator');
    return this.#told();
  }

  #told(): Told {
    const held = this.#parts.claims().filter(({holding}) => holding);
    return {refusal: '', advice: '', held: held.map(({address}) => address)};
  }

  async #pass({id, name}: ViewedPeer, {stay, force}: Wish): Promise<Told> {
    const {clock, send} = this.#parts;
    const request = randomBytes(8).toString('hex');
    const ask = (): void => send(id, {kind: 'leaveAsked', request, stay, force});
    const cancelAgain = clock.every(againMs, ask);
    const told = await new Promise<Told>(resolve => {
      this.#waiting.set(request, resolve);
      clock.after(patienceMs, () => resolve(noAnswer(name)));
      ask();
    });
    cancelAgain();
    this.#waiting.delete(request);
    return told;
  }
}

function isLeaving({self, peers}: View): boolean {
  return peers.some(({id, leaving}) => id === self && leaving);
}

function notHeard(peer: ViewedPeer | undefined, leveler: number): Told {
  return {
    refusal:
      peer === undefined ? `there is no leveler ${leveler}` : `leveler ${peer.name} is not heard: it cannot be asked`,
    advice: 'taco leveler list shows who is',
    held: [],
  };
}

function noAnswer(name: string): Told {
  return {
    refusal: `leveler ${name} gave no answer within ${patienceMs / 1000} s`,
    advice: 'taco leveler list shows whether it leaves; then repeat',
    held: [],
  };
}
