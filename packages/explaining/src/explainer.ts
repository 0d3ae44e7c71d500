import {type ClusterState, formatService} from '@tacoplex/cluster';
import {
  createDecision,
  type Decision,
  decide,
  type ForwardingImage,
  imageBytes,
  keyBytes,
  openImage,
  reasons,
  writeImage,
} from '@tacoplex/leveling';
import {equalBytes, type MacAddress, macToBytes, toHex} from '@tacoplex/vocabulary';
import {cutReason, type ExplainedServer, type Explanation} from './explanation.ts';
import type {FrameBytes} from './read-capture.ts';
import {watch} from './watched.ts';

/** What of a cluster state decides about frames. */
export type Ground = Pick<ClusterState, 'hashKey' | 'groups' | 'servers' | 'services'>;

/** Stands for the leveler's own MAC address on net A, whichever that is. */
const ourMac = '00:00:00:00:00:00' as MacAddress;
const ours = new Uint8Array(6);
/** Belongs to nobody: unicast, locally administered. */
const foreign = new Uint8Array(6).fill(0xfe);

/** The reference, made to speak: what becomes of frames, and why, in one cluster state. Takes 5 MiB. */
export class Explainer {
  readonly #ground: Ground;
  readonly #macs: ReadonlyMap<number, MacAddress>;
  readonly #image: ForwardingImage;
  readonly #decision = createDecision();

  /**
   * @param macs of servers, by number; others are not known
   * @throws RangeError if the state breaks a limit of images
   */
  constructor(ground: Ground, macs: ReadonlyMap<number, MacAddress>) {
    const {hashKey, services, groups, servers} = ground;
    const buffer = new ArrayBuffer(imageBytes);
    writeImage(buffer, {
      hashKey,
      ourMac,
      services,
      groups,
      servers: servers.map(({number}) => ({number, mac: macs.get(number), dead: false})),
    });
    this.#ground = ground;
    this.#macs = macs;
    this.#image = openImage(buffer);
  }

  /**
   * What becomes of this frame. One that was cut is explained if nothing that is missing had to be read.
   *
   * @param frame addressed by `addressToUs`
   */
  explain(frame: FrameBytes): Explanation {
    if (frame.bytes.length >= frame.length) {
      return this.#explainWhole(frame.bytes);
    }

    const watched = watch(fillUp(frame), frame.bytes.length);
    const explanation = this.#explainWhole(watched.frame);
    return watched.isMissingRead() ? {verdict: 'unknown', reason: cutReason} : explanation;
  }

  #explainWhole(frame: Uint8Array): Explanation {
    const decision = this.#decision;
    decide(this.#image, frame, frame.length, decision);
    return {
      verdict: decision.verdict,
      reason: reasons[decision.reason] ?? String(decision.reason),
      ...this.#service(decision),
      ...keyOf(decision),
      ...this.#server(decision),
    };
  }

  #service({service, group}: Decision): Pick<Explanation, 'service'> {
    const found = this.#ground.services[service];
    const name = this.#ground.groups.find(({number}) => number === group)?.name ?? String(group);
    return found === undefined ? {} : {service: {name: formatService(found), group: name, affinity: found.affinity}};
  }

  #server({server: number, group, bin}: Decision): {readonly server?: ExplainedServer} {
    const server = this.#ground.servers.find(candidate => candidate.number === number);
    if (server === undefined) {
      return {};
    }

    const {name, address, weight, state} = server;
    const base = this.#ground.groups.find(candidate => candidate.number === group)?.base[bin];
    const mac = this.#macs.get(number);
    return {
      server: {number, name, address, weight, state, isFallback: base !== number, ...(mac !== undefined && {mac})},
    };
  }
}

function keyOf({bin, key, hashLow, hashHigh, packet}: Decision): Pick<Explanation, 'key'> {
  if (bin === -1) {
    return {};
  }

  const view = new DataView(new ArrayBuffer(key.byteLength));
  for (const [index, half] of key.entries()) {
    view.setInt32(4 * index, half, true);
  }

  const bytes = new Uint8Array(view.buffer, 0, packet.version === 4 ? keyBytes.ipv4 : keyBytes.ipv6);
  return {key: {bytes, hash: toHex(bigEndian(hashHigh, hashLow)), bin}};
}

function bigEndian(...words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [index, word] of words.entries()) {
    view.setInt32(4 * index, word);
  }

  return new Uint8Array(view.buffer);
}

/** The whole frame, with zeros where it was cut. */
export function fillUp({bytes, length}: FrameBytes): Uint8Array {
  if (bytes.length >= length) {
    return bytes;
  }

  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

/**
 * The frame as it would come to the leveler that explains: 00:00:00:00:00:00 stands for its own MAC address, and a frame
 * for another machine goes to nobody's.
 *
 * @param ourMac MAC address that counts as a leveler's own; undefined: each frame's own destination. Broadcast and
 * multicast are nobody's own.
 */
export function addressToUs({bytes, length}: FrameBytes, ourMac: MacAddress | undefined): FrameBytes {
  if (bytes.length < 6 || (bytes[0]! & 1) === 1) {
    return {bytes, length};
  }

  const isOurs = ourMac === undefined || equalBytes(bytes.subarray(0, 6), macToBytes(ourMac));
  const addressed = bytes.slice();
  addressed.set(isOurs ? ours : foreign);
  return {bytes: addressed, length};
}
