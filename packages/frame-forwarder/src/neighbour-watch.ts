import type {Clock} from '@tacoplex/clock';
import {broadcastRequest, buildArpFrame, parseArpFrame, unicastRequest} from '@tacoplex/frames';
import type {Interface} from '@tacoplex/links';
import {familyOf, type IpAddress, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import type {Send} from './data-path.ts';
import type {NeighbourBoard} from './neighbour-board.ts';
import {type Heard, Neighbours, type ServerAddress} from './neighbours.ts';

/** Between two goes, each of which asks a few; and how late a question may be. */
const [leastPauseMs, mostPauseMs] = [20, 1000];

/** Where what is learnt goes: to the images of the data path, and on the board, for the other thread. */
type Places = {
  readonly tell: (number: ServerNumber, mac: MacAddress) => void;
  /** Another MAC address than the one that it keeps was heard for a server. */
  readonly tellTwin: (address: IpAddress, mac: MacAddress, twin: MacAddress) => void;
  readonly board: NeighbourBoard;
  readonly clock: Clock;
};

/** The servers' MAC addresses, asked for and heard through net B's capture. */
export class NeighbourWatch {
  readonly #places: Places;
  readonly #neighbours = new Neighbours();
  #cancel = (): void => {};
  #numbers: readonly ServerNumber[] = [];
  #netB: {interface: Interface; send: Send} | undefined;

  constructor(places: Places) {
    this.#places = places;
  }

  /** These servers from now on. Those with an IPv6 address of their own cannot be asked by ARP and stay unknown. */
  setServers(servers: readonly ServerAddress[]): void {
    const numbers = new Set(servers.map(({number}) => number));
    for (const gone of this.#numbers.filter(number => !numbers.has(number))) {
      this.#places.board.forget(gone);
    }

    this.#numbers = [...numbers];
    const known = servers.filter(({address}) => familyOf(address) === 'ipv4');
    this.#neighbours.setServers(known, this.#places.clock.now());
    this.#ask();
  }

  openNetB(netB: Interface, send: Send): void {
    this.#netB = {interface: netB, send};
    this.#neighbours.askAll(this.#places.clock.now());
    this.#ask();
  }

  closeNetB(): void {
    this.#netB = undefined;
    this.#cancel();
  }

  /** An ARP frame that came in on net B. */
  readonly takeFrame = (frame: Uint8Array, length: number): void => {
    const arp = parseArpFrame(frame, length)?.arp;
    if (arp === undefined) {
      return;
    }

    const now = this.#places.clock.now();
    const heard = this.#neighbours.hear(arp.senderIp, arp.senderMac, now);
    if (heard !== undefined) {
      this.#note(heard, arp.senderIp, arp.senderMac, now);
    }
  };

  #note(heard: Heard, address: IpAddress, mac: MacAddress, now: number): void {
    const {numbers, isNew, twins, twin, isDoubted} = heard;
    const {board, tell, tellTwin} = this.#places;
    for (const number of numbers) {
      board.write(number, mac, now);
      if (isNew) {
        tell(number, mac);
      }
    }

    if (twin !== undefined) {
      for (const number of twins) {
        board.writeTwin(number, twin, now);
      }

      tellTwin(address, board.macOf(twins[0] as ServerNumber) ?? mac, twin);
    }

    if (isDoubted) {
      this.#ask();
    }
  }

  /** Tell the images again all that is known: one of them is new. */
  tellAll(): void {
    for (const {number, mac} of this.#neighbours.known()) {
      this.#places.tell(number, mac);
    }
  }

  close(): void {
    this.#cancel();
  }

  #ask(): void {
    if (this.#netB === undefined) {
      return;
    }

    const {
      interface: {mac: ourMac, address: ourAddress},
      send,
    } = this.#netB;
    const {clock} = this.#places;
    const now = clock.now();
    for (const {numbers, mac} of this.#neighbours.takeMoved(now)) {
      for (const number of numbers) {
        this.#places.board.write(number, mac, now);
        this.#places.tell(number, mac);
      }
    }

    for (const {address, mac} of this.#neighbours.takeDue(now)) {
      const question =
        mac === undefined
          ? broadcastRequest(ourMac, ourAddress, address)
          : unicastRequest(ourMac, ourAddress, mac, address);
      const frame = buildArpFrame(question);
      send(frame, frame.length);
    }

    const pauseMs = Math.min(Math.max(this.#neighbours.dueAtMs - now, leastPauseMs), mostPauseMs);
    this.#cancel();
    this.#cancel = clock.after(pauseMs, () => this.#ask());
  }
}
