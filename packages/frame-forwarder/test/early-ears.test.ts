import {decodeTopic, encodeTopic, type Outgoing} from '@tacoplex/messages';
import {MemoryNetwork} from '@tacoplex/testkit';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {listenEarly} from '../src/early-ears.ts';
import {createLeaseMemory, LeaseWriter, obey} from '../src/lease.ts';

const leaseMs = 2000;
const at = (ms: number): MonotonicMs => ms as MonotonicMs;
const viewOf = (leaseFromMs: number, mayForward = true): Outgoing<'elector.view'> => ({
  mayForward,
  leaseFromMs,
  self: 1,
  peers: [
    {id: 1, member: true},
    {id: 2, member: true},
  ],
});

/** A lease in memory, as a predecessor leaves it in the kernel. */
const leaseOf = () => {
  const memory = createLeaseMemory();
  const writer = new LeaseWriter(memory);
  return {
    renewLease: writer.renew.bind(writer),
    forwardForEver: () => writer.forwardForEver(),
    isClosed: false,
    close() {
      this.isClosed = true;
    },
    get until() {
      return new Float64Array(memory)[0];
    },
  };
};

const start = (now = 10_000) => {
  const network = new MemoryNetwork();
  const lease = leaseOf();
  const elector = network.createPort('elector');
  const seen = {firstWords: 0};
  const bus = listenEarly(network.createPort('frame-forwarder'), lease, {
    now: () => at(now),
    leaseMs,
    onFirstWord() {
      seen.firstWords++;
    },
  });
  const say = (view: Outgoing<'elector.view'>): void => {
    elector.say('elector.view', view);
    network.settle();
  };
  const heard: string[] = [];
  const hear = (): void =>
    bus.hear({
      'elector.view': ({leaseFromMs}) => heard.push(`view ${leaseFromMs}`),
      'elector.state': ({state}) => heard.push(`state ${state.length}`),
    });
  return {network, lease, elector, say, heard, hear, seen};
};

test("the elector's first word renews what a predecessor has left, before there is an engine", t => {
  const {lease, say} = start();

  say(viewOf(9950));
  t.is(lease.until, 11_950);
  say(viewOf(9990, false));
  t.is(lease.until, 0);
  t.false(lease.isClosed);
});

test('that the elector has been heard is told once, whoever heard it', t => {
  const early = start();
  t.is(early.seen.firstWords, 0);
  early.say(viewOf(9950));
  early.say(viewOf(9990));
  early.hear();
  early.say(viewOf(9995));
  t.is(early.seen.firstWords, 1);

  const late = start();
  late.hear();
  late.say(viewOf(9950));
  t.is(late.seen.firstWords, 1);
});

test('who hears later gets the last words first, and the lease is left to him', t => {
  const {lease, elector, say, heard, hear, network} = start();
  elector.say('elector.state', {state: new Uint8Array(7), digest: new Uint8Array(8)});
  say(viewOf(9900));
  say(viewOf(9950));

  hear();
  t.true(lease.isClosed);
  t.deepEqual(heard, ['view 9950', 'state 7']);
  say(viewOf(9980, false));
  elector.say('elector.state', {state: new Uint8Array(8), digest: new Uint8Array(8)});
  network.settle();

  t.deepEqual(heard, ['view 9950', 'state 7', 'view 9980', 'state 8']);
  t.is(lease.until, 11_950);
});

test('who hears later hears nothing where nothing was said', t => {
  const {heard, hear} = start();

  hear();
  t.deepEqual(heard, []);
});

test('no word makes a lease longer than it would be later, and none lasts longer than its length from when it was true', t => {
  const views = fc.record({
    mayForward: fc.boolean(),
    leaseFromMs: fc.integer({min: 0, max: 20_000}),
    self: fc.constantFrom(1, 2),
    peers: fc.array(fc.record({id: fc.constantFrom(1, 2, 3), member: fc.boolean(), witness: fc.boolean()}), {
      maxLength: 3,
    }),
  });
  fc.assert(
    fc.property(fc.array(views, {minLength: 1, maxLength: 5}), fc.integer({min: 0, max: 20_000}), (said, now) => {
      const {lease, say} = start(now);
      const later = leaseOf();
      for (const view of said) {
        say(view);
        obey(decodeTopic('elector.view', encodeTopic('elector.view', view)), later, {leaseMs, now: at(now)});
      }

      const last = said.at(-1)!;
      const members = last.peers.filter(({member, witness}) => member && !witness);
      const isAlone = members.length === 1 && members[0]?.id === last.self;
      t.is(lease.until, later.until);
      t.true(last.mayForward || lease.until === 0);
      t.true(isAlone || lease.until! <= last.leaseFromMs + leaseMs);
    }),
  );
});
