import test from 'ava';
import fc from 'fast-check';
import {macOf} from './builders.ts';
import {levIps, Simulation} from './simulation.ts';

const seeds = fc.integer({min: 0, max: 2 ** 31});
const counts = fc.integer({min: 2, max: 5});
const runs = {numRuns: 25};

/** Each address held by exactly one leveler, and the router sends there. */
function isInOrder(simulation: Simulation, addresses: number): boolean {
  return levIps(addresses).every(({ip}) => {
    const [holder, another] = simulation.holdersOf(ip);
    return holder !== undefined && another === undefined && simulation.cache.get(ip) === macOf(holder);
  });
}

test('a fresh cluster settles within a second and a half: one holder for each address, and the router knows it', t => {
  fc.assert(
    fc.property(seeds, counts, fc.integer({min: 1, max: 4}), (seed, count, addresses) => {
      const simulation = new Simulation({seed, count, addresses: levIps(addresses), dwellMs: 0});

      simulation.pass(1500);

      return isInOrder(simulation, addresses);
    }),
    runs,
  );
  t.pass();
});

test('a fresh cluster spreads its addresses over the ring', t => {
  for (let seed = 0; seed < 20; seed++) {
    const simulation = new Simulation({seed, count: 4, addresses: levIps(4), dwellMs: 0});

    simulation.pass(1500);

    t.deepEqual(
      levIps(4).map(({ip}) => simulation.holdersOf(ip)),
      [[1], [2], [3], [4]] as never,
      `seed ${seed}`,
    );
  }
});

test('while nobody fails, no address changes hands more often than once each dwell', t => {
  fc.assert(
    fc.property(seeds, counts, fc.integer({min: 1, max: 4}), (seed, count, addresses) => {
      const dwellMs = 2000;
      const simulation = new Simulation({seed, count, addresses: levIps(addresses), dwellMs});
      simulation.pass(1500);
      const before = simulation.grabs.length;

      simulation.pass(20_000);

      const grabs = simulation.grabs.slice(before);
      return levIps(addresses).every(({ip}) => {
        const times = grabs.filter(grab => grab.ip === ip).map(({at}) => at);
        const isCalm = times.every((at, index) => index === 0 || at - times[index - 1]! >= dwellMs - 250);
        return isCalm && times.length <= 20_000 / dwellMs + 1 && times.length >= 6;
      });
    }),
    runs,
  );
  t.pass();
});

test('with as many addresses as levelers, all levelers hold one at nearly every moment', t => {
  fc.assert(
    fc.property(seeds, counts, (seed, count) => {
      const simulation = new Simulation({seed, count, addresses: levIps(count), dwellMs: 2000});
      simulation.pass(3000);
      let spread = 0;

      for (let sample = 0; sample < 200; sample++) {
        simulation.pass(100);
        const holders = levIps(count).flatMap(({ip}) => simulation.holdersOf(ip));
        spread += new Set(holders).size === count ? 1 : 0;
      }

      return spread >= 160;
    }),
    {numRuns: 10},
  );
  t.pass();
});

test('with dwell 0 and nobody failing, nothing is ever taken again', t => {
  fc.assert(
    fc.property(seeds, counts, (seed, count) => {
      const simulation = new Simulation({seed, count, addresses: levIps(3), dwellMs: 0});
      simulation.pass(1500);
      const before = simulation.grabs.length;

      simulation.pass(30_000);

      return simulation.grabs.length === before;
    }),
    {numRuns: 10},
  );
  t.pass();
});

test('when a holder dies, another holds within the suspicion, 10 ms for each place, and the way of the word', t => {
  fc.assert(
    fc.property(seeds, counts, fc.integer({min: 0, max: 500}), (seed, count, moment) => {
      const simulation = new Simulation({seed, count, addresses: levIps(1), dwellMs: 0});
      simulation.pass(1500 + moment);
      const address = levIps(1)[0]!.ip;
      const [dead] = simulation.holdersOf(address);

      simulation.kill(simulation.levelers.find(({id}) => id === dead)!);
      simulation.pass(150 + 10 * (count - 1) + 5);

      return isInOrder(simulation, 1);
    }),
    {numRuns: 60},
  );
  t.pass();
});

test('after any history each address has one holder within a second and a half of its end', t => {
  const leveler = fc.integer({min: 0, max: 4});
  const deed = fc.record({
    kind: fc.constantFrom('kill', 'revive', 'cut', 'heal', 'stall', 'nothing'),
    leveler,
    forMs: fc.integer({min: 1, max: 900}),
  });
  fc.assert(
    fc.property(seeds, counts, fc.array(deed, {maxLength: 12}), fc.boolean(), (seed, count, deeds, turns) => {
      const dwellMs = turns ? 3000 : 0;
      const simulation = new Simulation({seed, count, addresses: levIps(3), dwellMs, lossRate: 0.05});
      for (const {kind, leveler: number, forMs} of deeds) {
        const chosen = simulation.levelers[number % count]!;
        switch (kind) {
          case 'kill':
            simulation.kill(chosen);
            break;
          case 'revive':
            simulation.revive(chosen);
            break;
          case 'cut':
            simulation.cut(new Set([chosen.id]));
            break;
          case 'heal':
            simulation.heal();
            break;
          case 'stall':
            chosen.stalled = true;
            break;
          default:
        }

        simulation.pass(forMs);
      }

      simulation.heal();
      simulation.revive(simulation.levelers[0]!);
      simulation.pass(1500);

      for (let looks = 0; looks < 8 && !isInOrder(simulation, 3); looks++) {
        simulation.pass(50); // A turn was just handed on: its claim is on the way, and a beat may be lost
      }

      return isInOrder(simulation, 3) && simulation.untrustedAnswers === 0;
    }),
    {numRuns: 60},
  );
  t.pass();
});

test('a planned stop hands everything over before it is done', t => {
  fc.assert(
    fc.property(seeds, counts, (seed, count) => {
      const simulation = new Simulation({seed, count, addresses: levIps(2), dwellMs: 0});
      simulation.pass(1500);
      const [leaving] = simulation.levelers;
      simulation.stop(leaving!);

      for (let waited = 0; waited < 500 && !leaving!.state.stopped; waited += 1) {
        simulation.pass(1);
        if (levIps(2).some(({ip}) => simulation.holdersOf(ip).length === 0)) {
          return false;
        }
      }

      return leaving!.state.stopped && isInOrder(simulation, 2);
    }),
    runs,
  );
  t.pass();
});
