import type {Event} from '@tacoplex/election';
import {Simulation} from '@tacoplex/simulation';
import type {LevelerId} from '@tacoplex/vocabulary';
import type {Diary} from './control-cost.ts';
import {type Contents, type Weight, weigh} from './control-scale.ts';

/** What all levelers of a cluster together said in some time. */
export type Traffic = {
  readonly ms: number;
  /** To everybody: each of the others receives it. */
  readonly toAll: Weight;
  /** To one leveler. */
  readonly toOne: Weight;
};

const nothing: Weight = {frames: 0, bytes: 0};
const patienceMs = 60_000;
const lookEveryMs = 2;
/** After an agreement what it was about is still said here and there: that it is on a disk, that it took effect. */
const settledMs = 500;

/** A simulated cluster whose traffic is weighed. */
export class WeighedCluster {
  readonly simulation: Simulation;
  readonly size: number;
  readonly #contents: Contents;
  #toAll = nothing;
  #toOne = nothing;
  #isWeighing = false;
  #diary: {readonly of: LevelerId; readonly events: Event[]} | undefined;

  constructor(seed: number, size: number, contents: Contents) {
    this.size = size;
    this.#contents = contents;
    this.simulation = new Simulation(seed, size, {
      onSent: (header, body) => {
        if (this.#isWeighing) {
          this.#put(header.to === undefined, weigh(header, body, this.#contents));
        }
      },
      onStep: ({id}, _, event) => {
        if (this.#diary?.of === id) {
          this.#diary.events.push(event);
        }
      },
    });
  }

  /** @returns ms until one leader is followed by all, who hold one state; Infinity if that does not happen */
  agree(): number {
    const {simulation} = this;
    return simulation.passUntil(() => simulation.isAgreed, patienceMs, lookEveryMs) ?? Number.POSITIVE_INFINITY;
  }

  /** @returns ms from a command at some leveler until it is answered, and all hold and follow what came of it */
  command(): number {
    const {simulation} = this;
    const request = simulation.ask(simulation.chance.pick(simulation.upMachines).id);
    const isDone = (): boolean => simulation.answers.has(request) && simulation.isAgreed;
    return simulation.passUntil(isDone, patienceMs, lookEveryMs) ?? Number.POSITIVE_INFINITY;
  }

  /** @returns ms from the leader's loss until the others agree on the next */
  loseLeader(): number {
    const [leader] = this.simulation.leaders;
    if (leader === undefined) {
      throw new RangeError('nobody leads');
    }

    this.simulation.crash(leader);
    return this.agree();
  }

  changeLoss(loss: number): void {
    this.simulation.changeWeather({...this.simulation.network.weather, loss});
  }

  /** Weigh what is said while nothing happens, and write down what the leader takes. */
  weighCalm(ms: number): {readonly traffic: Traffic; readonly diary: Diary} {
    const {simulation} = this;
    simulation.pass(settledMs);
    const [of = simulation.ids[0]!] = simulation.leaders;
    const events: Event[] = [];
    const about = {setup: simulation.setupOf(of), first: simulation.stateOf(of)};
    this.#diary = {of, events};
    const traffic = this.#weigh(ms, () => simulation.pass(ms));
    this.#diary = undefined;
    return {traffic, diary: {...about, events, ms}};
  }

  /** Weigh what is said while a leveler is asked for a change each second. @param ms whole seconds */
  weighChanging(ms: number): Traffic {
    return this.#weigh(ms, () => {
      for (let passedMs = 0; passedMs < ms; passedMs += 1000) {
        this.simulation.ask(this.simulation.chance.pick(this.simulation.ids));
        this.simulation.pass(1000);
      }
    });
  }

  #weigh(ms: number, live: () => void): Traffic {
    [this.#toAll, this.#toOne, this.#isWeighing] = [nothing, nothing, true];
    live();
    this.#isWeighing = false;
    return {ms, toAll: this.#toAll, toOne: this.#toOne};
  }

  #put(isToAll: boolean, {frames, bytes}: Weight): void {
    const sum = isToAll ? this.#toAll : this.#toOne;
    const next = {frames: sum.frames + frames, bytes: sum.bytes + bytes};
    if (isToAll) {
      this.#toAll = next;
    } else {
      this.#toOne = next;
    }
  }
}
