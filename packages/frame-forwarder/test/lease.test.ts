import {systemClock} from '@tacoplex/clock';
import {decodeTopic, encodeTopic} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import test from 'ava';
import {createLeaseMemory, isOnlyMember, LeaseReader, LeaseWriter} from '../src/lease.ts';

const at = (ms: number): MonotonicMs => ms as MonotonicMs;

test('nobody may forward before the elector has said so', t => {
  const memory = createLeaseMemory();

  t.true(new LeaseWriter(memory).isOver(at(5)));
  t.true(new LeaseReader(memory).isOver());
});

test('a lease runs from when it was said, not from when it was heard', t => {
  const lease = new LeaseWriter(createLeaseMemory());
  lease.renew(true, at(1000), 2000, at(1900));

  t.false(lease.isOver(at(2999)));
  t.true(lease.isOver(at(3000)));
});

test('a word from the future counts as said now', t => {
  const lease = new LeaseWriter(createLeaseMemory());
  lease.renew(true, at(9_000_000), 2000, at(1000));

  t.true(lease.isOver(at(3000)));
});

test('a leveler that may not forward stops at once', t => {
  const lease = new LeaseWriter(createLeaseMemory());
  lease.renew(true, at(1000), 2000, at(1000));
  lease.renew(false, at(1001), 2000, at(1001));

  t.true(lease.isOver(at(1001)));
});

test('both ends agree on the time', t => {
  const memory = createLeaseMemory();
  const [writer, reader] = [new LeaseWriter(memory), new LeaseReader(memory)];
  const now = systemClock.now();
  writer.renew(true, now, 60_000, now);
  t.false(reader.isOver());
  writer.renew(true, at(now - 60_000), 60_000, now);
  t.true(reader.isOver());
});

test('forwarding for ever lasts until the next lease', t => {
  const memory = createLeaseMemory();
  const [writer, reader] = [new LeaseWriter(memory), new LeaseReader(memory)];
  writer.forwardForEver();
  t.false(writer.isOver(at(Number.MAX_SAFE_INTEGER)));
  t.false(reader.isOver());

  writer.renew(true, at(0), 1, at(0));

  t.true(writer.isOver(at(1)));
  t.true(reader.isOver());
});

const views = {
  'only member, nobody else heard': {peers: [[1, true]], isOnly: true},
  'only member, strangers heard': {
    peers: [
      [1, true],
      [2, false],
    ],
    isOnly: true,
  },
  'one of two': {
    peers: [
      [1, true],
      [2, true],
    ],
    isOnly: false,
  },
  'no member among one': {
    peers: [
      [1, false],
      [2, true],
    ],
    isOnly: false,
  },
  'no member at all': {peers: [[1, false]], isOnly: false},
} as const;
for (const [title, {peers, isOnly}] of Object.entries(views)) {
  test(`who is alone is told from the view: ${title}`, t => {
    const view = {self: 1, peers: peers.map(([id, member]) => ({id, member}))};

    t.is(isOnlyMember(decodeTopic('elector.view', encodeTopic('elector.view', view))), isOnly);
  });
}
