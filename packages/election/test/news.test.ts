import {id, Simulation} from '@tacoplex/simulation';
import test from 'ava';
import fc from 'fast-check';
import {glimpseOf, hasNews, Peers, type Setup, type State, viewOf} from '../src/index.ts';

const fleeting = new Set(['silenceMs', 'leaseFromMs', 'hears']);

const told = (setup: Setup, state: State): string =>
  JSON.stringify(viewOf(setup, state), (key, value: unknown) => (fleeting.has(key) ? undefined : value));

/** A cluster through its birth, changes, and the end of its leader. */
const histories = fc.record({
  seed: fc.nat(1000),
  size: fc.integer({min: 1, max: 4}),
  crashMs: fc.integer({min: 1, max: 2500}),
});

test('what makes another view is news', t => {
  fc.assert(
    fc.property(histories, ({seed, size, crashMs}) => {
      const simulation = new Simulation(seed, size, {levIps: 2});
      const setup = simulation.setupOf(id(1));
      let [before, hasHappened] = [simulation.stateOf(id(1)), true];
      for (let ms = 0; ms < 3000 && hasHappened; ms += 5) {
        if (ms === crashMs - (crashMs % 5)) {
          simulation.crash(id(size));
        }

        simulation.pass(5);
        const after = simulation.stateOf(id(1));
        hasHappened =
          told(setup, before) === told(setup, after) ||
          hasNews(setup, glimpseOf(setup, before), glimpseOf(setup, after));
        before = after;
      }

      return hasHappened;
    }),
    {numRuns: 15},
  );
  t.pass();
});

test('the same said again is none', t => {
  const simulation = new Simulation(7, 3, {levIps: 2});
  simulation.passUntil(() => simulation.isAgreed, 5000);
  const state = simulation.stateOf(id(1));
  const peers = Peers.of(structuredClone(state.peers.values()));
  const again = {...state, ...structuredClone({about: state.about, applied: state.applied}), peers};

  const setup = simulation.setupOf(id(1));
  t.false(hasNews(setup, glimpseOf(setup, state), glimpseOf(setup, {...again, nowMs: state.nowMs + 40})));
});
