import {fileURLToPath} from 'node:url';
import {BpfObject, countPossibleCpus, type MappedMemory, TestRun} from '@tacoplex/kernel';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {senderMac} from './datapath-frames.ts';
import {order as orderLayout} from './datapath-layout.ts';
import {type Arrived, Sink} from './datapath-sink.ts';
import {Namespaces} from './namespaces.ts';

/** An interface of a forwarder. */
export type Wire = {readonly name: string; readonly index: number; readonly mac: MacAddress};

/** A forwarder's place: a namespace between sender and sink, with one wire to each. */
export type Lane = {
  readonly name: string;
  readonly netA: Wire;
  readonly netB: Wire;
};

const netAMac = '02:00:00:00:00:0a' as MacAddress;
const netBMac = '02:00:00:00:00:0b' as MacAddress;
const serverPrefix = [0x02, 0x5e, 0, 0];
const batch = 64; // As many as a driver hands over in one go

const objectFile = (name: string): string => fileURLToPath(new URL(`../bpf/${name}.bpf.o`, import.meta.url));

/** @param number 1..65535 */
export function serverMac(number: number): MacAddress {
  const bytes = [...serverPrefix, number >> 8, number & 0xff];
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':') as MacAddress;
}

/**
 * Sender, forwarders and sink, each in its namespace: sender --netA-- forwarder --netB-- sink, one such lane for each
 * forwarder. All frames are sent, forwarded and counted on the CPU of the caller.
 */
export class DatapathStage {
  readonly lanes: readonly Lane[];
  readonly namespaces = new Namespaces();
  readonly #objects: BpfObject[] = [];
  readonly #memories: MappedMemory[] = [];
  readonly #sender: TestRun;
  readonly #order: DataView;
  #sink: Sink | undefined;

  /** @param names of the lanes @throws WorldError */
  constructor(names: readonly string[]) {
    try {
      this.#makeNamespaces(names);
      const wires = names.map(name => this.#connect(name));
      this.lanes = wires.map(({lane}) => lane);
      const generator = this.#load('generator', 'generate', {});
      this.namespaces.within('gen', () => {
        for (const [key, {senderIndex}] of wires.entries()) {
          generator.map('lanes').set(key, wordOf(senderIndex));
        }
      });
      this.#sender = new TestRun(generator.program('generate'));
      this.#order = new DataView(this.#mapped(generator, 'orders'));
      this.#sink = this.#startSink(names);
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Say what `send` sends: this frame through this lane. @param flows a power of two, 1..65,536 */
  order(lane: Lane, frame: Uint8Array, flows: number): void {
    const order = this.#order;
    new Uint8Array(order.buffer).set(frame.subarray(0, orderLayout.frameBytes), orderLayout.frame);
    order.setUint32(orderLayout.isIpv6, frame[12] === 0x86 ? 1 : 0, true);
    order.setUint32(orderLayout.lane, this.lanes.indexOf(lane), true);
    order.setUint32(orderLayout.flowMask, flows - 1, true);
  }

  /**
   * Send frames as ordered, as fast as they go.
   *
   * @param frame that was ordered
   * @throws WorldError KERNEL_REFUSED; errno EINTR if a signal has come in between
   */
  send(frame: Uint8Array, count: number): void {
    this.namespaces.within('gen', () => this.#sender.sendLive(frame, {interfaceIndex: 1, repeat: count, batch}));
  }

  /** One frame as the sender would send it, instead. */
  sample(frame: Uint8Array): Uint8Array {
    this.#sender.run(frame);
    return this.#sender.out.subarray(0, this.#sender.outBytes);
  }

  get arrived(): Arrived {
    return this.sink.arrived;
  }

  /** Where frames end: in the driver, until another end is asked for. */
  get sink(): Sink {
    return this.#sink as Sink;
  }

  destroy(): void {
    this.#sink?.close();
    for (const memory of this.#memories) {
      memory.close();
    }

    for (const object of this.#objects) {
      object.close();
    }

    this.namespaces.remove();
  }

  #makeNamespaces(names: readonly string[]): void {
    for (const name of ['gen', 'sink', ...names]) {
      this.namespaces.add(name);
      // Neighbours are told of, not asked for: no frame is on the wires but those of the bench
      this.namespaces.run(
        name,
        `sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0
        sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
        ip link set lo up`,
      );
    }
  }

  #connect(name: string): {lane: Lane; senderIndex: number} {
    const full = this.namespaces.nameOf(name);
    this.namespaces.run(
      'gen',
      `ip link add name ${name} address ${senderMac} type veth peer name neta address ${netAMac} netns ${full}`,
    );
    this.namespaces.run('sink', `ip link add name ${name} type veth peer name netb address ${netBMac} netns ${full}`);
    this.namespaces.run(name, 'ip link set dev neta up; ip link set dev netb up');
    for (const end of ['gen', 'sink']) {
      this.namespaces.run(end, `ip link set dev ${name} up`);
    }

    const wireOf = (link: string, mac: MacAddress): Wire => ({name: link, index: this.#indexOf(name, link), mac});
    return {
      lane: {name, netA: wireOf('neta', netAMac), netB: wireOf('netb', netBMac)},
      senderIndex: this.#indexOf('gen', name),
    };
  }

  #indexOf(namespace: string, link: string): number {
    const [found] = JSON.parse(this.namespaces.run(namespace, `ip -j link show dev ${link}`)) as [{ifindex: number}];
    return found.ifindex;
  }

  #startSink(names: readonly string[]): Sink {
    const constants = new Uint8Array(16);
    constants.set(macToBytes(netBMac), 0);
    constants.set(serverPrefix, 8);
    const program = this.#load('sink', 'take', {constants, entries: {arrivals: countPossibleCpus()}});
    const wires = names.map(name => ({name, index: this.#indexOf('sink', name)}));
    return new Sink(
      this.namespaces,
      {namespace: 'sink', wires},
      {program, arrivals: this.#mapped(program, 'arrivals')},
    );
  }

  #load(file: string, program: string, options: {constants?: Uint8Array; entries?: Record<string, number>}): BpfObject {
    const object = new BpfObject(objectFile(file), {programs: [program], ...options});
    this.#objects.push(object);
    return object;
  }

  #mapped(object: BpfObject, map: string): ArrayBuffer {
    const memory = object.map(map).map();
    this.#memories.push(memory);
    return memory.buffer;
  }
}

/** As maps of numbers hold it. */
export function wordOf(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
