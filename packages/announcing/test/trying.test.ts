import type {LevelerId, MonotonicMs} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import type {Peer, View} from '../src/index.ts';
import {firstTrials, hearTrial, type Surroundings, type Trial, type Tried, triedOf, tryPaths} from '../src/trying.ts';
import {claim, id, ip, ms, peer} from './builders.ts';

const servIps = [ip('203.0.113.10'), ip('203.0.113.11')];

type World = {
  /** The halves through these levelers swallow everything. */
  readonly broken?: (trial: Trial) => boolean;
  readonly around?: Partial<Surroundings>;
};

const viewOf = (peers: readonly Peer[]): View => ({
  saidAt: ms(0),
  mayForward: true,
  mayTake: true,
  mayHold: true,
  probe: undefined,
  peers,
});

/** A leveler, number 1, that tries others: what comes out comes at once. */
class Play {
  readonly sent: Trial[] = [];
  readonly told: (Tried & {readonly at: number})[] = [];
  readonly #around: Surroundings;
  now = 0;
  trials = firstTrials;

  constructor(others: readonly number[], around: Partial<Surroundings> = {}) {
    const peers: readonly Peer[] = [1, ...others].map(number =>
      peer(number, {claims: [claim({holding: number === 2})]}),
    );
    this.#around = {self: id(1), view: viewOf(peers), servIps, isRouted: true, isClear: true, ...around};
  }

  /** Views come, four a second. */
  pass(forMs: number, {broken = () => false, around = {}}: World = {}): this {
    for (const end = this.now + forMs; this.now < end; this.now += 250) {
      const [next, sent] = tryPaths(this.trials, {...this.#around, ...around}, this.now as MonotonicMs);
      this.trials = next;
      this.sent.push(...sent);
      for (const trial of sent.filter(one => !broken(one))) {
        this.trials = hearTrial(this.trials, trial.number, this.now as MonotonicMs);
      }

      this.told.push({at: this.now, ...triedOf(this.trials, this.now as MonotonicMs)});
    }

    return this;
  }

  get last(): Tried {
    return this.told.at(-1)!;
  }

  failsFrom(half: 'there' | 'back', leveler: number): number | undefined {
    return this.told.find(told => told[half].fails.includes(leveler as LevelerId))?.at;
  }
}

const through =
  (...numbers: readonly number[]) =>
  (trial: Trial): boolean =>
    numbers.includes(trial.through);

test('both halves are tried each three seconds, holders of addresses every other time', t => {
  const {sent, last} = new Play([2, 3, 4]).pass(30_000);

  t.is(sent.length, 20);
  t.is(sent.filter(through(2)).length, 14);
  t.deepEqual(last, {at: 29_750, there: {passes: [2, 3, 4], fails: []}, back: {passes: [2, 3, 4], fails: []}} as never);
});

test('with sixteen levelers each tries less often, so that all together do not try more', t => {
  const others = Array.from({length: 15}, (_, index) => index + 2);

  t.is(new Play(others).pass(120_000).sent.length, 20);
});

for (const half of ['there', 'back'] as const) {
  test(`of a holder that swallows pings ${half} it is known after three on a net that loses none, and of nobody else anything`, t => {
    const play = new Play([2, 3]).pass(900_000);
    const from = play.now;
    play.pass(10_000, {broken: trial => trial.half === half && trial.through === 2});

    const first = play.sent.find(trial => trial.sentAt >= from && trial.half === half && trial.through === 2)!.sentAt;
    t.is(play.failsFrom(half, 2), first + 750);
    t.deepEqual(play.last[half].fails, [id(2)]);
    t.deepEqual(play.last[half === 'there' ? 'back' : 'there'].fails, []);
  });
}

test('where pings come out through nobody, nobody fails, and they are left alone for a minute', t => {
  const play = new Play([2, 3]).pass(10_000);
  const from = play.now;
  play.pass(30_000, {broken: ({half}) => half === 'there'});

  t.true(play.told.every(({there}) => there.fails.length === 0));
  t.true(play.sent.filter(({half, sentAt}) => half === 'there' && sentAt >= from + 10_000).length === 0);
  t.true(play.sent.filter(({half, sentAt}) => half === 'back' && sentAt >= from + 10_000).length >= 5);
});

test('one address whose servers answer no pings does not hide that a leveler swallows those of another', t => {
  const mute = ({half, servIp}: Trial): boolean => half === 'there' && servIp === servIps[0];
  const play = new Play([2, 3]).pass(30_000, {broken: mute});
  t.true(play.told.every(({there}) => there.fails.length === 0));

  play.pass(40_000, {broken: trial => mute(trial) || (trial.half === 'there' && trial.through === 2)});

  t.deepEqual(play.last.there.fails, [id(2)]);
});

test('however many views come, a ping is lost before the next one is sent', t => {
  let [trials, sent] = tryPaths(firstTrials, surroundings(), ms(0));
  const all = [...sent];
  for (let at = 10; at < 1000; at += 10) {
    [trials, sent] = tryPaths(trials, surroundings(), ms(at));
    all.push(...sent);
  }

  t.is(all.filter(trial => trial.half === 'there' && trial.through === id(2)).length, 5);
});

test('two lost pings are none', t => {
  const play = new Play([2, 3])
    .pass(10_000)
    .pass(500, {broken: through(2)})
    .pass(20_000);

  t.true(play.told.every(({there, back}) => there.fails.length === 0 && back.fails.length === 0));
});

test('who passes again counts two seconds later, and twice as late each time after', t => {
  const play = new Play([2, 3]).pass(10_000);
  const spans = [1, 2, 3].map(() => {
    play.pass(12_000, {broken: through(2)});
    t.deepEqual(play.last.there.fails, [id(2)]);
    const from = play.now;
    play.pass(30_000);
    const end = play.told.find(({at, there}) => at >= from && there.fails.length === 0)!.at;
    return end - from;
  });

  t.true(spans[0]! >= 2000 && spans[1]! >= 4000 && spans[2]! >= 8000 && spans[0]! < 9000, spans.join());
});

test('the only other one fails if it passed before and this leveler hears all else', t => {
  const play = new Play([2]).pass(10_000).pass(10_000, {broken: through(2)});
  t.deepEqual(play.last.there.fails, [id(2)]);

  const deaf = new Play([2]).pass(10_000).pass(10_000, {broken: through(2), around: {isClear: false}});
  t.deepEqual(deaf.last.there.fails, []);

  const neverTried = new Play([2]).pass(10_000, {broken: through(2)});
  t.deepEqual(neverTried.last.there.fails, []);
});

test('without gateways nothing is tried back, without services nothing at all', t => {
  t.true(new Play([2, 3], {isRouted: false}).pass(10_000).sent.every(({half}) => half === 'there'));
  t.is(new Play([2, 3], {servIps: []}).pass(10_000).sent.length, 0);
  t.is(new Play([]).pass(10_000).sent.length, 0);
});

test('a late ping is lost, and one of another number nothing', t => {
  const [asked, sent] = tryPaths(firstTrials, {...surroundings(), isRouted: false}, ms(0));
  t.is(hearTrial(asked, sent[0]!.number + 1, ms(1)), asked);

  const [lost] = tryPaths(asked, surroundings(), ms(250));
  t.is(hearTrial(lost, sent[0]!.number, ms(251)), lost);
});

function surroundings(): Surroundings {
  return {self: id(1), view: viewOf([peer(1), peer(2), peer(3)]), servIps, isRouted: true, isClear: true};
}

test('where a fifth is lost, who lets the rest through never fails, and who lets none through does at last', t => {
  fc.assert(
    fc.property(
      fc.integer({min: 3, max: 6}),
      fc.array(fc.nat(99), {minLength: 4000, maxLength: 4000}),
      (count, draws) => {
        const others = Array.from({length: count - 1}, (_, index) => index + 2);
        let index = 0;
        const isLost = (): boolean => draws[index++ % draws.length]! < 19;
        const play = new Play(others)
          .pass(60_000, {broken: isLost})
          .pass(60_000, {broken: trial => trial.through === 2 || isLost()});

        t.true(play.told.every(({there, back}) => [...there.fails, ...back.fails].every(leveler => leveler === 2)));
        t.deepEqual([play.last.there.fails, play.last.back.fails], [[2], [2]] as never);
      },
    ),
    {numRuns: 100},
  );
});
