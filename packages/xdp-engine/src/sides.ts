import type {MemoryPart} from '@tacoplex/kernel';
import {type ForwardingImage, type ImageContent, imageBytes, openImage, writeImage} from '@tacoplex/leveling';
import {binCount, type MacAddress, macFromBytes, macToBytes} from '@tacoplex/vocabulary';
import type {Side} from './counters.ts';
import {writeDirectory} from './directory.ts';
import {hashStateOf} from './hash-state.ts';
import {bin, groupCount, image as layout, server, serverCount} from './layout.ts';

const everyGroup = 2 ** groupCount - 1;
const macBytes = 6;

/** Opens some memory of a map. */
export type OpenPart = (offset: number, bytes: number) => MemoryPart;

/** Of one group on one side: its bins, and the bases of those that are settled. */
const [binsBytes, settledBytes] = [bin.bytes * binCount, 2 * binCount];

/** The kernel's two images and tables, as memory. */
export class XdpSides {
  /** Of each image what stands before the tables. */
  readonly #images: readonly [MemoryPart, MemoryPart];
  readonly #servers: readonly [BigUint64Array, BigUint64Array];
  /** Opened one table at a time, while it is written: 20 MiB, of which a cluster with one group uses a sixteenth. */
  readonly #openSettled: OpenPart;
  readonly #openBins: OpenPart;
  /** The same content as the forwarding function's reference reads it. */
  readonly #reference: ForwardingImage;
  readonly #referenceBuffer = new ArrayBuffer(imageBytes);
  /** Of `#reference`, what the directory is made from, and what those of the two sides were made from. */
  readonly #records: Buffer;
  readonly #directories: [Buffer | undefined, Buffer | undefined] = [undefined, undefined];
  /** Bytes of the servers that may be other than zeros. */
  readonly #serverBytes: [number, number];
  /** Masks of the groups that have tables. */
  readonly #groups: [number, number];

  /**
   * @param openImagePart of the map `images`
   * @param openBins of the map `bins`
   * @param areFresh nobody has written them yet; else who knows which groups have tables
   */
  constructor(openImagePart: OpenPart, openBins: OpenPart, areFresh: boolean) {
    this.#groups = areFresh ? [0, 0] : [everyGroup, everyGroup];
    this.#serverBytes = areFresh ? [0, 0] : [serverCount * server.bytes, serverCount * server.bytes];
    this.#openSettled = openImagePart;
    this.#openBins = openBins;
    this.#reference = openImage(this.#referenceBuffer);
    const {services, servers} = this.#reference;
    this.#records = Buffer.from(this.#referenceBuffer, services.byteOffset, servers.byteOffset - services.byteOffset);
    this.#images = [0, 1].map(side => openImagePart(side * layout.bytes, layout.settled)) as never;
    this.#servers = this.#images.map(
      ({bytes}) => new BigUint64Array(bytes.buffer, bytes.byteOffset + layout.servers, serverCount),
    ) as never;
  }

  /** What was written last. The content of one writing at a time, but for what was learnt of servers since. */
  get reference(): ForwardingImage {
    return this.#reference;
  }

  /**
   * Write a side nobody reads.
   *
   * @throws RangeError if the content breaks a limit; then nothing is written
   */
  write(side: Side, content: ImageContent): void {
    writeImage(this.#referenceBuffer, content);
    const {bytes} = this.#images[side];
    this.#writeDirectory(side);
    bytes.set(new Uint8Array(hashStateOf(content.hashKey).buffer), layout.hash_state);
    bytes.set(macToBytes(content.ourMac), layout.our_mac);
    this.#writeServers(side, content);
    this.#writeBins(side, content);
  }

  /** Neither is written any more. */
  close(): void {
    for (const part of this.#images) {
      part.close();
    }
  }

  /** The MAC address that a side has of a server; undefined: none. */
  macOf(side: Side, number: number): MacAddress | undefined {
    const word = Atomics.load(this.#servers[side], number);
    const bytes = new Uint8Array(BigUint64Array.of(word).buffer, server.mac, macBytes);
    return bytes.every(byte => byte === 0) ? undefined : macFromBytes(bytes);
  }

  /** Change what is known of a server on both sides, while they are read: a server is one word. */
  writeServer(number: number, change: {readonly mac?: Uint8Array; readonly isDead?: boolean}): void {
    for (const [side, servers] of this.#servers.entries()) {
      this.#serverBytes[side] = Math.max(this.#serverBytes[side] ?? 0, (number + 1) * server.bytes);
      const bytes = new Uint8Array(BigUint64Array.of(servers[number] ?? 0n).buffer);
      bytes.set(change.mac ?? [], server.mac);
      bytes[server.is_dead] = Number(change.isDead ?? bytes[server.is_dead]);
      Atomics.store(servers, number, new BigUint64Array(bytes.buffer)[0] ?? 0n);
      this.#reference.servers.set(bytes, number * server.bytes);
    }
  }

  /** Services change more seldom than tables do, and to plan their look-up takes a third of an installation. */
  #writeDirectory(side: Side): void {
    if (this.#directories[side]?.equals(this.#records) !== true) {
      writeDirectory(this.#images[side].bytes, this.#reference);
      this.#directories[side] = Buffer.from(this.#records);
    }
  }

  #writeServers(side: Side, {servers}: ImageContent): void {
    const end = servers.reduce((most, {number}) => Math.max(most, (number + 1) * server.bytes), 0);
    const bytes = Math.max(end, this.#serverBytes[side]);
    this.#images[side].bytes.set(this.#reference.servers.subarray(0, bytes), layout.servers);
    this.#serverBytes[side] = end;
  }

  #writeBins(side: Side, {groups}: ImageContent): void {
    for (const {number, base, fallback} of groups) {
      this.#writeTable(side, number, (words, settled) => {
        interleave(words, base, fallback);
        settled.set(base);
      });
    }

    const now = groups.reduce((mask, {number}) => mask | (1 << number), 0);
    for (let number = 0; number < groupCount; number++) {
      if ((this.#groups[side] & ~now & (1 << number)) !== 0) {
        this.#writeTable(side, number, (words, settled) => {
          words.fill(0);
          settled.fill(0);
        });
      }
    }

    this.#groups[side] = now;
  }

  #writeTable(side: Side, group: number, write: (words: Uint32Array, settled: Uint16Array) => void): void {
    const bins = this.#openBins((side * groupCount + group) * binsBytes, binsBytes);
    const settled = this.#openSettled(side * layout.bytes + layout.settled + group * settledBytes, settledBytes);
    write(
      new Uint32Array(bins.bytes.buffer, bins.bytes.byteOffset, binsBytes / 4),
      new Uint16Array(settled.bytes.buffer, settled.bytes.byteOffset, binCount),
    );
    bins.close();
    settled.close();
  }
}

/** Base in the lower half of each bin's first word, fallback in the upper; the second word stays 0: settled. */
function interleave(words: Uint32Array, base: Uint16Array, fallback: Uint16Array): void {
  for (let index = 0; index < binCount; index++) {
    words[2 * index] = base[index]! | (fallback[index]! << 16);
    words[2 * index + 1] = 0;
  }
}
