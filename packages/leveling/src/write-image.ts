import {binCount, macToBytes} from '@tacoplex/vocabulary';
import {type ForwardingImage, type GroupEntry, type ImageContent, openImage, type ServerEntry} from './image.ts';
import {header, imageMagic, maxGroups, serverCount, serverRecord} from './image-layout.ts';
import {checkServices, writeServices} from './image-services.ts';

const unknownMac = new Uint8Array(6);

/**
 * Write a whole image. Readers on other threads must look elsewhere meanwhile: keep two images and
 * switch between them; `isBeingWritten` tells.
 *
 * @throws RangeError if `buffer` is too short or `content` breaks one of its limits; then nothing is written
 */
export function writeImage(buffer: ArrayBufferLike, content: ImageContent): void {
  const image = openImage(buffer);
  checkContent(content);
  const sequence = image.header[header.sequence / 4] ?? 0;
  Atomics.store(image.header, header.sequence / 4, sequence | 1);
  writeHeader(image, content);
  writeServices(image, content.services);
  image.servers.fill(0);
  for (const server of content.servers) {
    writeServer(image, server);
  }

  writeTables(image, content.groups);
  Atomics.store(image.header, header.sequence / 4, ((sequence | 1) + 1) >>> 0);
}

/** Change what is known of one server, in an image in use. Not atomic for readers on other threads. */
export function writeServer({servers}: ForwardingImage, {number, mac, dead}: ServerEntry): void {
  const offset = number * serverRecord.bytes;
  servers.set(mac === undefined ? unknownMac : macToBytes(mac), offset + serverRecord.mac);
  servers[offset + serverRecord.dead] = dead ? 1 : 0;
}

function checkContent({hashKey, services, groups, servers}: ImageContent): void {
  if (hashKey.length !== 16) {
    throw new RangeError(`hashKey: 16 bytes, not ${hashKey.length}`);
  }

  checkServices(services);
  checkGroups(groups);
  for (const {number} of servers) {
    if (!Number.isInteger(number) || number < 1 || number >= serverCount) {
      throw new RangeError(`servers: numbers of 1..65535, not ${number}`);
    }
  }
}

function checkGroups(groups: readonly GroupEntry[]): void {
  if (new Set(groups.map(({number}) => number)).size !== groups.length) {
    throw new RangeError('groups: a number stands twice');
  }

  for (const {number, base, fallback} of groups) {
    if (!Number.isInteger(number) || number < 0 || number >= maxGroups) {
      throw new RangeError(`groups: numbers of 0..15, not ${number}`);
    }

    if (base.length !== binCount || fallback.length !== binCount) {
      throw new RangeError(`groups: ${binCount} bins, not ${base.length} and ${fallback.length} in group ${number}`);
    }
  }
}

function writeHeader({header: words, hashKey, ourMac}: ForwardingImage, content: ImageContent): void {
  const key = new DataView(content.hashKey.buffer, content.hashKey.byteOffset, 16);
  words[header.magic / 4] = imageMagic;
  words[header.versionTerm / 4] = content.version?.term ?? 0;
  words[header.versionIndex / 4] = content.version?.index ?? 0;
  for (const index of hashKey.keys()) {
    hashKey[index] = key.getInt32(4 * index, true);
  }

  ourMac.set(macToBytes(content.ourMac));
}

/** Groups that were here before and are gone get empty tables; others that never were have them already. */
function writeTables({groupsPresent, tables}: ForwardingImage, groups: readonly GroupEntry[]): void {
  const before = groupsPresent[0] ?? 0;
  const now = groups.reduce((mask, {number}) => mask | (1 << number), 0);
  for (let number = 0; number < maxGroups; number++) {
    if ((before & ~now & (1 << number)) !== 0) {
      tables.fill(0, number * 2 * binCount, (number + 1) * 2 * binCount);
    }
  }

  for (const {number, base, fallback} of groups) {
    tables.set(base, number * 2 * binCount);
    tables.set(fallback, (2 * number + 1) * binCount);
  }

  groupsPresent[0] = now;
}
