import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import {type ImageContent, imageBytes, openImage, versionOf} from '@tacoplex/leveling';
import {binCount, type GroupNumber, type MacAddress, type ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import {createImageMemory, ImageReader, ImageWriter} from '../src/image-pair.ts';

const contentOf = (index: number): ImageContent => ({
  hashKey: new Uint8Array(16),
  ourMac: '02:00:00:00:00:01' as MacAddress,
  services: [],
  groups: [
    {
      number: 0 as GroupNumber,
      base: new Uint16Array(binCount).fill(index),
      fallback: new Uint16Array(binCount).fill(index),
    },
  ],
  servers: [],
  version: {term: 1, index},
});

test('fresh memory is an image that knows nothing', t => {
  t.deepEqual(versionOf(new ImageReader(createImageMemory()).enter()), {term: 0, index: 0});
});

test('the next frame sees what was installed, the one under way does not', t => {
  const memory = createImageMemory();
  const [reader, writer] = [new ImageReader(memory), new ImageWriter(memory)];
  writer.install(contentOf(1));

  const underWay = reader.enter();
  writer.install(contentOf(2));
  t.is(versionOf(underWay).index, 1);
  t.true(writer.isSpareBeingRead);
  reader.leave();

  t.false(writer.isSpareBeingRead);
  t.is(versionOf(reader.enter()).index, 2);
  t.false(writer.isSpareBeingRead);
});

test('a content that breaks a limit changes nothing', t => {
  const memory = createImageMemory();
  const [reader, writer] = [new ImageReader(memory), new ImageWriter(memory)];
  writer.install(contentOf(1));

  t.throws(() => writer.install({...contentOf(2), hashKey: new Uint8Array(3)}), {instanceOf: RangeError});

  t.is(versionOf(reader.enter()).index, 1);
});

test('what is told of a server stands in both images', t => {
  const memory = createImageMemory();
  const mac = '02:00:00:00:00:07' as MacAddress;
  new ImageReader(memory).tellServer({number: 3 as ServerNumber, mac, dead: false});

  for (const image of memory.images) {
    t.deepEqual([...openImage(image).servers.subarray(24, 30)], [2, 0, 0, 0, 0, 7]);
  }
});

const flips = 60;
const writing = `
  const {workerData} = require('node:worker_threads');
  import(workerData.module).then(({ImageWriter}) => {
    const writer = new ImageWriter(workerData.memory);
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (let index = 1; index <= ${flips}; index++) {
      while (writer.isSpareBeingRead) Atomics.wait(sleeper, 0, 0, 1);
      const table = new Uint16Array(${binCount}).fill(index);
      writer.install({hashKey: new Uint8Array(16), ourMac: '02:00:00:00:00:01', services: [], servers: [],
        groups: [{number: 0, base: table, fallback: table}], version: {term: 1, index}});
    }
  });
`;

test('a reader on another thread never sees two images mixed', async t => {
  const memory = createImageMemory();
  const reader = new ImageReader(memory);
  const module = new URL('../src/image-pair.js', import.meta.url).href;
  const worker = new Worker(writing, {eval: true, workerData: {memory, module}});
  const ended = once(worker, 'exit');
  const seen = new Set<number>();
  let mixed = 0;
  for (const limit = performance.now() + 30_000; !seen.has(flips) && performance.now() < limit; ) {
    for (let frames = 0; frames < 1000; frames++) {
      const image = reader.enter();
      const {index} = versionOf(image);
      const [first, last] = [image.tables[(frames * 7919) % binCount], image.tables[binCount - 1]];
      mixed += index === first && index === last ? 0 : 1;
      seen.add(index);
      reader.leave();
    }

    await new Promise(resolve => setImmediate(resolve));
  }

  await ended;
  t.true(seen.has(flips));
  t.true(seen.size > 1);
  t.is(mixed, 0);
  t.is(memory.images[0].byteLength, imageBytes);
});
