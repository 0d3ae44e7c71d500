import {type ClusterState, carryOut, firstState, type Operation} from '@tacoplex/cluster';
import {type ImageContent, imageBytes, openImage, writeImage} from '@tacoplex/leveling';
import {type IpAddress, type LevelerId, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import {answerExplain} from '../src/answer-explain.ts';
import {toImageContent} from '../src/image-content.ts';
import {udpFrame} from './frames.ts';

const ourMac = '02:00:00:00:00:09' as MacAddress;
const serverMac = '02:00:00:00:01:01' as MacAddress;
const digest = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const operations: readonly Operation[] = [
  {kind: 'addServer', name: 's1', address: '10.0.1.101' as IpAddress, group: '', weight: 1},
  {kind: 'addService', address: '10.0.1.200' as IpAddress, protocol: 17, port: 53, group: '', affinity: 'flow'},
];
const state: ClusterState = operations.reduce(
  (before, operation, index) => {
    const result = carryOut(before, {id: String(index), uid: 0, operation});
    return result.kind === 'done' ? result.state : before;
  },
  firstState({
    cluster: 'demo',
    hashKey: new Uint8Array(16),
    members: [{id: 1 as LevelerId, name: 'leveler0'}],
    version: {term: 2, leader: 1 as LevelerId, nonce: '00'.repeat(8), index: 5},
  }),
);

const imageOf = (content: ImageContent) => {
  const buffer = new ArrayBuffer(imageBytes);
  writeImage(buffer, content);
  return openImage(buffer);
};
const image = imageOf(toImageContent(state, ourMac, () => serverMac));

const frame = (destinationMac: string, destinationPort = 53) =>
  udpFrame({
    destinationMac,
    sourceMac: '02:00:00:00:00:01',
    source: '192.0.2.7',
    destination: '10.0.1.200',
    sourcePort: 4000,
    destinationPort,
  });
const ours = '00:00:00:00:00:00';

test('the cap engine says what it would do, where to, and by which state', t => {
  const frames = [frame(ours), frame(ours, 54), frame('fe:fe:fe:fe:fe:fe'), new Uint8Array(), new Uint8Array(5)];

  t.deepEqual(answerExplain({frames}, image, {state, digest}), {
    engine: 'cap',
    version: {term: 2, leader: 1, nonce: new Uint8Array(8), index: 5},
    digest,
    servers: [{number: 1, mac: macToBytes(serverMac)}],
    decisions: [
      {verdict: 'forward', reason: 'forwarded', destination: macToBytes(serverMac)},
      {verdict: 'pass', reason: 'no-service'},
      {verdict: 'pass', reason: 'not-ours'},
      {verdict: 'pass', reason: 'truncated'},
      {verdict: 'pass', reason: 'truncated'},
    ],
  });
});

test('a frame asked about is not changed', t => {
  const asked = frame(ours);
  answerExplain({frames: [asked]}, image, {state, digest});

  t.deepEqual(asked, frame(ours));
});

test('a server whose MAC address is not known is not listed', t => {
  const unknown = imageOf(toImageContent(state, ourMac, () => undefined));

  t.like(answerExplain({frames: [frame(ours)]}, unknown, {state, digest}), {
    servers: {length: 0},
    decisions: {0: {verdict: 'drop', reason: 'no-mac'}},
  } as never);
});

test('without a state it refuses', t => {
  t.deepEqual(answerExplain({frames: [frame(ours)]}, image, undefined), {
    engine: 'cap',
    refusal: 'the data path has no cluster state yet',
  });
});
