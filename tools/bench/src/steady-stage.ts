import {fileURLToPath} from 'node:url';
import {attachXdp, BpfObject, type MappedMemory, type XdpLink} from '@tacoplex/kernel';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {frameOf, senderMac} from './datapath-frames.ts';
import {numbersPerRow} from './datapath-layout.ts';
import {Namespaces} from './namespaces.ts';
import {SteadySender} from './steady-sender.ts';
import {serverAddresses} from './steady-state.ts';
import {type Tally, tallyOf} from './steady-tally.ts';

/** Numbers that note is taken of: at 50,000 frames a second, those of 167 s. */
const rows = 2048;
const flows = 65_536;
const netAMac = '02:00:00:00:00:0a' as MacAddress;
const netBMac = '02:00:00:00:00:0b' as MacAddress;
const serverMac = '02:00:00:00:00:0d' as MacAddress;
const usualChecksum = 40; // Offset of UDP's, which covers the number
const settleTurns = 40;
const settleMs = 25;

/** Interfaces of the leveler. */
export const leveler = {netA: 'neta', netB: 'netb', addressA: '10.0.0.101', addressB: '10.0.1.1'} as const;

/**
 * Sender, leveler and servers, each in its namespace: frames carry numbers, and where they arrive note is taken of each. The servers are
 * one interface with the addresses of all, and answer questions for its MAC address.
 */
export class SteadyStage {
  readonly namespaces = new Namespaces();
  #sink: BpfObject | undefined;
  #link: XdpLink | undefined;
  #memory: MappedMemory | undefined;
  #sender: SteadySender | undefined;

  /** @throws WorldError */
  constructor() {
    try {
      for (const name of ['gen', 'fwd', 'sink']) {
        this.namespaces.add(name);
        this.namespaces.run(
          name,
          'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; ip link set lo up',
        );
      }

      this.#connect();
      this.#startSink();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Send from now on. Frames that have arrived before are forgotten. */
  send(packetsPerSecond: number): SteadySender {
    this.#seen.fill(0);
    const frame = frameOf({protocol: 'udp', family: 4, bytes: 60}, netAMac, senderMac);
    frame.fill(0, usualChecksum, usualChecksum + 2); // None, which is legal
    this.#sender = new SteadySender({
      namespace: this.namespaces.nameOf('gen'),
      interfaceIndex: this.indexOf('gen', 'out'),
      idle: {name: 'idle', index: this.indexOf('gen', 'idle')},
      frame,
      flows,
      packetsPerSecond,
    });
    return this.#sender;
  }

  /** What became of what was sent: waits for the last ones, as long as some are missing. */
  async tally(sent: number): Promise<Tally> {
    let tally = tallyOf(this.#seen, sent);
    for (let turn = 0; tally.lost > 0 && turn < settleTurns; turn++) {
      await new Promise(resolve => setTimeout(resolve, settleMs));
      tally = tallyOf(this.#seen, sent);
    }

    return tally;
  }

  indexOf(namespace: string, link: string): number {
    return this.#about(namespace, link).ifindex;
  }

  /** The program attached to net A's interface; 0: none. */
  get programId(): number {
    return this.#about('fwd', leveler.netA).xdp?.prog?.id ?? 0;
  }

  destroy(): void {
    this.#link?.close();
    this.#memory?.close();
    this.#sink?.close();
    this.namespaces.remove();
  }

  get #seen(): Uint8Array {
    return new Uint8Array(this.#memory!.buffer);
  }

  #about(namespace: string, link: string): {ifindex: number; xdp?: {prog?: {id: number}}} {
    const [found] = JSON.parse(this.namespaces.run(namespace, `ip -j -d link show dev ${link}`)) as [
      {ifindex: number; xdp?: {prog?: {id: number}}},
    ];
    return found;
  }

  #connect(): void {
    const [gen, fwd, sink] = ['gen', 'fwd', 'sink'].map(name => this.namespaces.nameOf(name));
    const {netA, netB, addressA, addressB} = leveler;
    this.namespaces.run(
      'gen',
      `ip -n ${gen} link add out address ${senderMac} type veth peer name ${netA} address ${netAMac} netns ${fwd}
      ip -n ${sink} link add in address ${serverMac} type veth peer name ${netB} address ${netBMac} netns ${fwd}
      ip -n ${gen} link add idle type veth peer name idle-end
      ip -n ${fwd} address add ${addressA}/24 dev ${netA}
      ip -n ${fwd} address add ${addressB}/24 dev ${netB}
      ${serverAddresses.map(address => `ip -n ${sink} address add ${address}/24 dev in`).join('\n')}
      ip -n ${gen} link set out up
      ip -n ${sink} link set in up
      ip -n ${fwd} link set ${netA} up
      ip -n ${fwd} link set ${netB} up`,
    );
  }

  #startSink(): void {
    const constants = new Uint8Array(16);
    constants.set(macToBytes(serverMac), 0);
    constants.set(macToBytes(netBMac), 8);
    const sink = new BpfObject(fileURLToPath(new URL('../bpf/numbered_sink.bpf.o', import.meta.url)), {
      programs: ['take_numbered'],
      constants,
      entries: {seen: rows},
    });
    this.#sink = sink;
    this.#memory = sink.map('seen').map();
    const target = {name: 'in', index: this.indexOf('sink', 'in')};
    this.#link = this.namespaces.within('sink', () => attachXdp(sink.program('take_numbered'), target).link);
    if (this.#seen.length !== rows * numbersPerRow) {
      throw new RangeError('the sink takes note of other numbers than the bench');
    }
  }
}
