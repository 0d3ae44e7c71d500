import {attachXdp, BpfObject, type Program, type XdpLink} from '@tacoplex/kernel';
import {macToBytes} from '@tacoplex/vocabulary';
import {limitFile} from '@tacoplex/xdp-engine';
import type {Forwarder} from './datapath-forwarder.ts';
import {type DatapathStage, type Lane, serverMac, wordOf} from './datapath-stage.ts';

/** The program that only rewrites both MAC addresses, and redirects. */
export class LimitForwarder implements Forwarder {
  readonly #object: BpfObject;
  readonly #link: XdpLink;

  constructor({namespaces}: DatapathStage, {name, netA, netB}: Lane) {
    const constants = new Uint8Array(16);
    constants.set(macToBytes(serverMac(1)), 0);
    constants.set(macToBytes(netB.mac), 8);
    this.#object = new BpfObject(limitFile, {programs: ['limit'], constants, wantsLog: true});
    this.#link = namespaces.within(name, () => {
      this.#object.map('limit_way_out').set(0, wordOf(netB.index));
      return attachXdp(this.program, netA).link;
    });
  }

  get program(): Program {
    return this.#object.program('limit');
  }

  async prepare(): Promise<void> {}

  close(): void {
    this.#link.close();
    this.#object.close();
  }
}
