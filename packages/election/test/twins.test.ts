import {id, toyContent, toyValue} from '@tacoplex/simulation';
import test from 'ava';
import fc from 'fast-check';
import {type Action, type Beat, type Event, firstState, type Setup, type State, step} from '../src/index.ts';

const one = id(1);
const nonceOf = (number: number): string => String(number).padStart(16, '0');
const about = {name: 'leveler1', a: undefined, b: undefined, reachesA: true, reachesB: true, claims: []};
const version = {term: 1, leader: one, nonce: nonceOf(9), index: 1};
const value = toyValue({lineage: nonceOf(9), version, members: [{id: one, name: 'leveler1'}], entries: []});

const setupOf = (nonce: string): Setup => ({
  id: one,
  name: 'leveler1',
  nonce,
  content: toyContent,
  timing: {beatMs: 50, suspectMs: 150, leaseMs: 2000},
  edition: {software: '0.1.0', configDigest: nonceOf(5)},
});

/** A process on a machine of its own. */
class Process {
  readonly setup: Setup;
  readonly actions: Action[] = [];
  state: State;
  #sequence = 0;

  constructor(nonce: string, startedMs: number) {
    this.setup = setupOf(nonce);
    const disk = {memory: {term: 1, votedFor: undefined, committed: version, sound: true}, value, valueSound: true};
    this.state = firstState(this.setup, startedMs, about, disk)[0];
  }

  get yields(): boolean {
    return this.actions.some(({kind}) => kind === 'yield');
  }

  /** @returns the beats it sends */
  take(event: Event): Beat[] {
    const [state, actions] = step(this.setup, this.state, event);
    this.state = state;
    this.actions.push(...actions);
    return actions.flatMap(action => (action.kind === 'beat' ? [action.beat] : []));
  }

  heard(beat: Beat, nowMs: number): Event {
    const header = {
      sender: one,
      nonce: this.setup.nonce,
      sequence: ++this.#sequence,
      net: 'a' as const,
      to: undefined,
      echo: undefined,
    };
    return {kind: 'heard', nowMs, net: 'a', header, body: beat};
  }
}

/** Two processes with one number, of which the second starts later, hear each other at once until one gives way. */
const meet = (first: string, second: string, laterMs: number) => {
  const elder = new Process(first, 0);
  const younger = new Process(second, laterMs);
  for (let nowMs = 0; nowMs < laterMs + 2000 && !elder.yields && !younger.yields; nowMs += 5) {
    const pairs =
      nowMs < laterMs ? [[elder, younger] as const] : [[elder, younger] as const, [younger, elder] as const];
    for (const [speaker, hearer] of pairs) {
      const beats = speaker.take({kind: 'time', nowMs, draw: 0.5});
      for (const beat of nowMs < laterMs ? [] : beats) {
        hearer.take(speaker.heard(beat, nowMs));
      }
    }
  }

  return {elder, younger};
};

test('of two machines with one number the one that starts later gives way, whatever its nonce', t => {
  fc.assert(
    fc.property(fc.integer({min: 600, max: 20_000}), fc.boolean(), (laterMs, isLower) => {
      const {elder, younger} = meet(nonceOf(5), nonceOf(isLower ? 4 : 6), laterMs);

      t.true(younger.yields);
      t.false(elder.yields);
      const news = elder.actions.filter(action => action.kind === 'tell' && action.news.kind === 'twin');
      t.true(news.length <= 1, 'told at most once');
    }),
    {numRuns: 30},
  );
});

test('of two that start together exactly one gives way', t => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 400}), fc.boolean(), (laterMs, isLower) => {
      const {elder, younger} = meet(nonceOf(5), nonceOf(isLower ? 4 : 6), laterMs);

      t.is(Number(elder.yields) + Number(younger.yields), 1);
    }),
    {numRuns: 30},
  );
});

test('a recording of a process that is gone, however long, makes nobody give way', t => {
  const former = new Process(nonceOf(4), 0);
  const successor = new Process(nonceOf(5), 5000);
  for (let nowMs = 0; nowMs < 5000; nowMs += 5) {
    const beats = former.take({kind: 'time', nowMs, draw: 0.5});
    for (const beat of beats) {
      successor.take(former.heard({...beat, beat: beat.beat + 10_000}, 5000 + nowMs));
    }
  }

  t.false(successor.yields);
  t.true(successor.actions.some(action => action.kind === 'count' && action.drop === 'twin'));
  const beats = successor.actions.filter(({kind}) => kind === 'beat');
  t.true(beats.length <= 102, `${beats.length}: a recording does not make it beat more often`);
});
