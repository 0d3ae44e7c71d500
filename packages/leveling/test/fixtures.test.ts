import {readFileSync, writeFileSync} from 'node:fs';
import {toHex} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {affinityCodes, reasonTable} from '../src/index.ts';
import {namedFrames} from './named-frames.ts';
import {tcp} from './packets.ts';
import {at, content, keyOf, outcome, tableRules, toUs} from './samples.ts';

/** With TACOPLEX_WRITE_FIXTURES set the files are written instead of compared. */
function compare(t: ExecutionContext, file: string, value: unknown): void {
  const url = new URL(`../../fixtures/${file}`, import.meta.url);
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (process.env.TACOPLEX_WRITE_FIXTURES !== undefined) {
    writeFileSync(url, text);
  }

  t.deepEqual(JSON.parse(readFileSync(url, 'utf8')), JSON.parse(text));
}

test('keys, hashes and bins are those that the kernel half is tested against', t => {
  const more = Array.from({length: 32}, (_, index) => [
    {name: `IPv4 flow ${index}`, frame: toUs(tcp(at.flow, 80, {}, {sourcePort: 1024 + 997 * index}))},
    {name: `IPv6 flow ${index}`, frame: toUs(tcp(at.flow6, 80, {}, {sourcePort: 1024 + 997 * index}))},
  ]).flat();
  const hashed = [...namedFrames, ...more].filter(({frame}) => outcome(frame).bin !== -1);
  const byKey = new Map(hashed.map(({name, frame}) => [keyOf(frame), {name, ...outcome(frame)}] as const));

  compare(t, 'flow-hash.json', {
    about: 'SipHash-1-3 of flow keys. Key layout: src/flow-key.ts. Hash: most significant digit first.',
    hashKey: toHex(content.hashKey),
    keys: [...byKey].map(([key, {name, hash, bin}]) => ({name, key, hash, bin})),
  });
});

test('frames and what becomes of them are those that the kernel half is tested against', t => {
  compare(t, 'frames.json', {
    about:
      'What becomes of each frame under this image. Tables by rule: bin b has server first + (b + shift) mod count. ' +
      'Service: index in the list, -1: none. Frames without Ethernet check sequence.',
    reasons: reasonTable,
    affinities: affinityCodes,
    image: {
      hashKey: toHex(content.hashKey),
      ourMac: content.ourMac,
      services: content.services,
      groups: tableRules,
      servers: content.servers,
    },
    frames: namedFrames.map(({name, frame}) => {
      const {verdict, reason, service, group, bin, server} = outcome(frame);
      return {name, frame: toHex(frame), verdict, reason, service, group, bin, server};
    }),
  });
});
