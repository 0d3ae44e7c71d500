import {type ImageContent, openImage, type ShellReason, shellReasonNumber} from '@tacoplex/leveling';
import {type IpAddress, toHex} from '@tacoplex/vocabulary';
import test from 'ava';
import {FragmentRelay, type RelayMoment} from '../src/fragment-relay.ts';
import {fragmentEntry, held, way} from '../src/layout.ts';
import {datagram, imageOf, keyOf} from './datagrams.ts';
import {content, sourceMac} from './program.ts';

const to = '10.0.1.200' as IpAddress;
const [first, second, third] = datagram(to) as [Uint8Array, Uint8Array, Uint8Array];
const server = 2;

/** The program's side, as values; time is in ms. */
class Program {
  readonly sent: string[] = [];
  readonly relay: FragmentRelay;
  nowMs = 1000;
  moment: Partial<RelayMoment> = {};
  #said: Uint8Array[] = [];
  #remembered: Uint8Array | undefined;

  constructor() {
    const isEmpty = (): boolean => this.#said.length === 0;
    const ring = {
      get isEmpty(): boolean {
        return isEmpty();
      },
      drain: (take: (record: Uint8Array) => void) => {
        const said = this.#said;
        this.#said = [];
        said.forEach(take);
        return said.length;
      },
      wait: async () => {},
      close: () => {},
    };
    const read = (_: unknown, value: Uint8Array): boolean => {
      value.set(this.#remembered ?? []);
      return this.#remembered !== undefined;
    };
    this.relay = new FragmentRelay({ring, fragments: {read}}, new Int32Array(8));
  }

  handOver(frame: Uint8Array): void {
    const record = new Uint8Array(held.bytes + frame.length);
    record.set(keyOf(frame), held.key);
    record.set(frame, held.bytes);
    const view = new DataView(record.buffer);
    view.setBigUint64(held.at_ns, this.#nowNs, true);
    view.setUint32(held.length, frame.length, true);
    this.#said.push(record);
  }

  announce(): void {
    const record = new Uint8Array(held.bytes);
    record.set(keyOf(first), held.key);
    record.set(wayOfFirst(), held.way);
    this.#said.push(record);
  }

  remember(): void {
    this.#remembered = new Uint8Array(fragmentEntry.bytes);
    new DataView(this.#remembered.buffer).setBigUint64(fragmentEntry.until_ns, this.#nowNs + 5_000_000_000n, true);
    this.#remembered.set(wayOfFirst(), fragmentEntry.way);
  }

  run(passMs = 0, what: ImageContent = content): void {
    this.nowMs += passMs;
    this.relay.relay({
      nowNs: this.#nowNs,
      image: openImage(imageOf(what)),
      side: 0,
      isLeaseOver: false,
      sourceMac,
      send: frame => this.sent.push(toHex(frame)) > 0,
      ...this.moment,
    });
  }

  count(reason: ShellReason): number {
    return this.relay.counted.reasons[shellReasonNumber(reason)] ?? 0;
  }

  get #nowNs(): bigint {
    return BigInt(this.nowMs) * 1_000_000n;
  }
}

function wayOfFirst(): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(way.ports, 40_000);
  view.setUint16(way.ports + 2, 53);
  view.setUint16(way.server, server, true);
  view.setUint8(way.protocol, 17);
  view.setUint8(way.isKnown, 1);
  return new Uint8Array(view.buffer);
}

const rewritten = (frame: Uint8Array): string => `020000000102${toHex(sourceMac)}${toHex(frame.subarray(12))}`;

test('what waits is sent to the server of the first fragment once that is announced, in the order it came', t => {
  const program = new Program();
  program.handOver(third);
  program.handOver(second);
  program.run();
  t.deepEqual(program.sent, []);

  program.announce();
  program.run(500);

  t.deepEqual(program.sent, [rewritten(third), rewritten(second)]);
  t.is(program.count('fragment-released'), 2);
  const {servers, services} = program.relay.counted;
  const bytes = third.length + second.length;
  t.deepEqual([...servers.subarray(2 * server, 2 * server + 2)], [2, bytes]);
  t.is(
    services[0].reduce((sum, value) => sum + value),
    2 + bytes,
  );
});

test('what was under way when the first fragment came is sent at once', t => {
  const program = new Program();
  program.remember();
  program.handOver(second);
  program.run();

  t.deepEqual(program.sent, [rewritten(second)]);
  t.is(program.count('fragment-released'), 1);
});

test('there is work from the first word of the program until nothing waits any more', t => {
  const program = new Program();
  const {relay} = program;
  t.false(relay.hasWork);
  program.handOver(second);
  t.true(relay.hasWork);
  program.run();
  t.true(relay.hasWork);
  program.nowMs += 1000;
  program.run();
  t.false(relay.hasWork);
});

test('what has waited for a second is let go, in the ring too', t => {
  const program = new Program();
  program.handOver(second);
  program.run();
  program.handOver(third);
  program.run(1000);
  program.announce();
  program.run();

  t.deepEqual(program.sent, []);
  t.is(program.count('fragment-expired'), 2);
});

for (const [what, moment, reason] of [
  ['the lease is over', {isLeaseOver: true}, 'fenced'],
  ['net B is away', {send: undefined}, 'net-b-down'],
  ['the kernel takes no frame', {send: () => false}, 'send-failed'],
] as const) {
  test(`when ${what} nothing is sent, and that is counted`, t => {
    const program = new Program();
    program.handOver(second);
    program.announce();
    program.moment = moment;
    program.run();

    t.deepEqual(program.sent, []);
    t.is(program.count(reason), 1);
    t.true(program.relay.counted.servers.every(count => count === 0));
  });
}

test('a server that has died since gets nothing', t => {
  const program = new Program();
  program.handOver(second);
  program.announce();
  program.run(0, {...content, servers: content.servers.map(one => ({...one, dead: true}))});

  t.deepEqual(program.sent, []);
});
