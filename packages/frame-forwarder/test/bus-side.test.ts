import type {IpAddress, ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import {CapEngine} from '../src/cap-engine.ts';
import {Counters} from '../src/counters.ts';
import type {Engine} from '../src/engine.ts';
import {ImageReader} from '../src/image-pair.ts';
import type {SharedMemory} from '../src/shared-memory.ts';
import {addServer, addWeb, mac, port, startSide, stateOf} from './bus-side-stage.ts';

test('a state is applied when its servers are known: servers are told first, then the image counts', async t => {
  const {side, board, posted, applied, imageIndex, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addWeb));
  await pass(20);
  t.deepEqual(posted, [{kind: 'servers', servers: [{number: 1 as ServerNumber, address: '10.0.1.101' as IpAddress}]}]);
  t.is(imageIndex(), 0);

  board.write(1 as ServerNumber, mac(1), 5);
  await pass(10);

  t.deepEqual(posted.at(-1), {kind: 'flipped'});
  t.deepEqual(applied, [1]);
  t.is(imageIndex(), 1);
});

/** An engine that has found a running data path. */
const heirOf =
  (found: Partial<Pick<Engine, 'isTakingOver' | 'inheritedMacOf'>>) =>
  (memory: SharedMemory): Engine =>
    Object.assign(new CapEngine(memory, 'test'), found);

test('a server that does not answer at once keeps the address that a predecessor has learnt, until it does', async t => {
  const {side, board, memory, say, pass} = startSide(heirOf({inheritedMacOf: () => mac(7)}));
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addServer(2)));
  board.write(2 as ServerNumber, mac(2), 5);
  await pass(120);

  const {servers} = new ImageReader(memory.images).enter();
  t.deepEqual(
    [1, 2].map(number => servers[8 * number + 5]),
    [7, 2],
  );
});

test('whoever takes a data path over waits for its servers longer, but not for ever', async t => {
  const {side, applied, say, pass} = startSide(heirOf({isTakingOver: true}));
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1)));
  await pass(2990);
  t.deepEqual(applied, []);

  await pass(20);

  t.deepEqual(applied, [1]);
});

test('a server that does not answer holds a state up for no longer than 100 ms', async t => {
  const {side, applied, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1)));
  await pass(98);
  t.deepEqual(applied, []);

  await pass(10);

  t.deepEqual(applied, [1]);
});

test('a state that is overtaken while it waits is never applied', async t => {
  const {side, applied, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1)));
  await pass(50);
  say(stateOf(2, addServer(1), addServer(2)));
  await pass(200);

  t.deepEqual(applied, [2]);
});

test('the kernel is kept out before the image lets frames in', async t => {
  const {side, gate, rulesets, applied, say, pass} = startSide();
  gate.isSlow = true;
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addWeb));
  await pass(500);
  t.is(rulesets.length, 1);
  t.deepEqual(applied, []);

  gate.release();
  await pass(10);

  t.deepEqual(applied, [1]);
});

test('rules are written again when net A was away, not when only servers change', async t => {
  const {side, rulesets, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addWeb));
  await pass(200);
  say(stateOf(2, addServer(1), addServer(2), addWeb));
  await pass(200);
  t.is(rulesets.length, 1);

  side.take({kind: 'ports', a: port('eth0', false), b: port('eth1')});
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  await pass(10);

  t.is(rulesets.length, 2);
  await side.stop();
  t.is(rulesets.at(-1), '');
});

test('what comes after the stop is not heard: the engine is closed, and closed once', async t => {
  const closed: string[] = [];
  class ClosableEngine extends CapEngine {
    override renewLease(...words: Parameters<CapEngine['renewLease']>): void {
      t.deepEqual(closed, []);
      super.renewLease(...words);
    }

    override setPorts(): boolean {
      t.deepEqual(closed, []);
      return super.setPorts();
    }

    override close(): void {
      closed.push('engine');
    }
  }

  const {side, say, allow, pass, applied, askUninstall} = startSide(memory => new ClosableEngine(memory, 'test'));
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  allow(true);
  await side.stop();

  side.take({kind: 'ports', a: port('eth0', false), b: port('eth1')});
  allow(false);
  say(stateOf(1, addServer(1), addWeb));
  await pass(200);
  await side.stop();

  t.deepEqual(closed, ['engine']);
  t.deepEqual(applied, []);
  t.regex((await askUninstall()).refusal, /about to stop/);
});

test('what is read of the old image is waited for', async t => {
  const {side, memory, applied, say, pass} = startSide();
  const reader = new ImageReader(memory.images);
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  reader.enter();
  say(stateOf(1));
  await pass(10);
  say(stateOf(2));
  await pass(100);
  t.deepEqual(applied, [1]);

  reader.leave();
  await pass(10);

  t.deepEqual(applied, [1, 2]);
});

test('a state that cannot be read leaves the last one in force', async t => {
  const {side, applied, lines, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1));
  await pass(10);
  say({...stateOf(2), cluster: 'No Such Name'});
  await pass(10);

  t.deepEqual(applied, [1]);
  t.regex(lines.at(-1) ?? '', /error: cluster state refused, the last one stays in force reason=/);
});

test('why nothing is forwarded is told as it changes', async t => {
  const {side, seen, lines, allow, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0', false), b: port('eth1')});
  await pass(2);
  t.is(seen.status?.haltedBecause, 'net A: eth0 is down');
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  await pass(2);
  t.is(seen.status?.haltedBecause, 'no cluster state yet');
  say(stateOf(1));
  await pass(10);
  t.regex(seen.status?.haltedBecause ?? '', /^the lease is over/);
  allow(true);
  await pass(2);
  t.is(seen.status?.haltedBecause, '');
  await pass(4000); // The elector says nothing
  t.regex(seen.status?.haltedBecause ?? '', /^the lease is over/);

  t.is(lines.filter(line => line.includes('warn: forwarding halted')).length, 4);
  t.is(lines.filter(line => line.includes('notice: forwarding')).length, 1);
});

test('the only member forwards on when its elector falls silent, until there is another', async t => {
  const {side, seen, allow, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1));
  allow(true, [1]);
  await pass(10_000);
  t.is(seen.status?.haltedBecause, '');

  allow(true, [1, 2]);
  await pass(4000);
  t.regex(seen.status?.haltedBecause ?? '', /^the lease is over/);
  allow(false, [1]);
  await pass(2);
  t.regex(seen.status?.haltedBecause ?? '', /^the lease is over/);
});

test('a data path that is taken away stays away, and nobody waits for it', async t => {
  const {side, seen, rulesets, gone, askUninstall, applied, allow, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addWeb));
  allow(true);
  await pass(200);
  t.is(seen.status?.haltedBecause, '');
  t.deepEqual(gone, [false]);

  t.like(await askUninstall(), {refusal: '', engine: 'cap', interface: 'eth0'});
  await pass(2);
  t.is(rulesets.at(-1), '');
  t.deepEqual(gone, [false, true]);
  allow(true);
  say(stateOf(2, addServer(1), addWeb));
  await pass(200);

  t.is(seen.status?.haltedBecause, 'uninstalled: restart frame-forwarder to forward again');
  t.is(seen.status?.engine, 'cap');
  t.deepEqual(applied, [1, 1, 2]);
  t.is(rulesets.at(-1), '');
  t.like(await askUninstall(), {refusal: ''});
});

test('what was counted before the data path was taken away is still told', async t => {
  const {side, memory, seen, askUninstall, say, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  say(stateOf(1, addServer(1), addWeb));
  await pass(200);
  const reader = new ImageReader(memory.images);
  reader.enter();
  new Counters(memory.counters).countForwarded(0, reader.side, 0, 1, 1500);
  reader.leave();

  await askUninstall();
  say(stateOf(2, addServer(1), addWeb));
  await pass(200);

  t.is(seen.status?.servers[0]?.packets, 1);
  t.is(seen.status?.services[0]?.packets, 1);
});

test('status tells what was counted, by server, service and reason', async t => {
  const {side, memory, board, seen, say, pass, clock} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  board.write(1 as ServerNumber, mac(1), clock.now());
  say(stateOf(1, addServer(1), addServer(2), addWeb));
  await pass(200);
  const counters = new Counters(memory.counters);
  const reader = new ImageReader(memory.images);
  reader.enter();
  counters.countForwarded(0, reader.side, 0, 1, 1500);
  counters.countShellReason('fenced');
  side.take({kind: 'faults', counts: [{name: 'ring-full-net-a', value: 3}]});
  await pass(1000);

  const {servers, services, reasons} = seen.status!;
  t.deepEqual(
    servers.map(({number, packets, bytes, silenceMs}) => [number, packets, bytes, silenceMs > 1_000_000]),
    [
      [1, 1, 1500, false],
      [2, 0, 0, true],
    ],
  );
  t.deepEqual(
    services.map(({packets, bytes}) => [packets, bytes]),
    [[1, 1500]],
  );
  t.deepEqual(
    reasons.map(({name, value}) => [name, value]),
    [
      ['fenced', 1],
      ['ring-full-net-a', 3],
    ],
  );
});

test('after each view it says that it lives, and what keeps frames from getting through', async t => {
  const {side, whyNot, allow, pass} = startSide();
  side.take({kind: 'ports', a: port('eth0'), b: port('eth1')});
  await pass(2);
  const before = whyNot.length;
  allow(true);
  allow(true);
  t.is(whyNot.length, before + 2);
  t.is(whyNot.at(-1), '');

  const nets = {
    a: {name: 'eth0', mtu: 1500, hasAddress: true},
    b: {name: 'eth1', mtu: 1500, hasAddress: true},
  };
  const settings = {unmet: 'answers are not routed', rpFilter: 0};
  side.take({kind: 'machine', facts: {...nets, ...settings}});
  await pass(2);
  t.regex(whyNot.at(-1) ?? '', /answers are not routed/);

  side.take({kind: 'ports', a: port('eth0'), b: port('eth1', false)});
  await pass(2);
  t.is(whyNot.at(-1), 'net B: eth1 is down');
});
