import type {ImageContent, ServiceEntry} from '@tacoplex/leveling';
import {binCount, type GroupNumber, type IpAddress, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {bin, groupCount, image as layout} from '../src/layout.ts';
import {type OpenPart, XdpSides} from '../src/sides.ts';

const memories = () =>
  [new ArrayBuffer(2 * layout.bytes), new ArrayBuffer(2 * bin.bytes * groupCount * binCount)] as const;

const openIn =
  (memory: ArrayBuffer): OpenPart =>
  (offset, bytes) => ({bytes: new Uint8Array(memory, offset, bytes), close() {}});

const services: readonly ServiceEntry[] = [80, 81, 82].map(port => ({
  address: '10.0.1.200' as IpAddress,
  protocol: 6,
  port,
  group: 0 as GroupNumber,
  affinity: 'flow',
}));

const contents: fc.Arbitrary<ImageContent> = fc
  .record({
    services: fc.subarray([...services]),
    servers: fc.uniqueArray(fc.integer({min: 1, max: 300}), {minLength: 1, maxLength: 5}),
    groups: fc.subarray([0, 1, 2]),
  })
  .map(({services: chosen, servers, groups}) => ({
    hashKey: new Uint8Array(16),
    ourMac: '02:00:00:00:00:01' as MacAddress,
    services: chosen,
    servers: servers.map(number => ({
      number: number as ServerNumber,
      mac: `02:00:00:00:01:${(number & 0xff).toString(16).padStart(2, '0')}` as MacAddress,
      dead: false,
    })),
    groups: groups.map(number => ({
      number: number as GroupNumber,
      base: new Uint16Array(binCount).map((_, index) => servers[index % servers.length] ?? 0),
      fallback: new Uint16Array(binCount).fill(servers[0] ?? 0),
    })),
  }));

/** Whether a side says the same after `history` as in fresh memory after its last content. */
function saysTheLast(history: readonly ImageContent[], learnt: number): boolean {
  const [images, bins] = memories();
  const sides = new XdpSides(openIn(images), openIn(bins), true);
  for (const content of history) {
    sides.writeServer(learnt, {mac: new Uint8Array(6).fill(7)});
    sides.write(0, content);
  }

  const [freshImages, freshBins] = memories();
  new XdpSides(openIn(freshImages), openIn(freshBins), true).write(0, history.at(-1)!);
  return isSame(images, freshImages, layout.bytes) && isSame(bins, freshBins, bins.byteLength / 2);
}

function isSame(one: ArrayBuffer, other: ArrayBuffer, bytes: number): boolean {
  return Buffer.from(one, 0, bytes).equals(Buffer.from(other, 0, bytes));
}

test('what a side says depends on what was written last, not on what was written before', t => {
  const histories = fc.array(contents, {minLength: 2, maxLength: 5});
  const property = fc.property(histories, fc.integer({min: 1, max: 400}), saysTheLast);

  t.notThrows(() => fc.assert(property, {numRuns: 25}));
});
