import {encodeDatagram, envelopeBytes, pieceBytes} from '@tacoplex/datagrams';
import type {Header, Proposal} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {controlBench} from '../src/control-bench.ts';
import {WeighedCluster} from '../src/control-cluster.ts';
import {measureCost} from '../src/control-cost.ts';
import {type Contents, contentsOf, frameBytes, weigh} from '../src/control-scale.ts';

const nonce = '0123456789abcdef';
const [one, two] = [1, 2] as LevelerId[] as [LevelerId, LevelerId];
const header: Header = {sender: one, nonce, sequence: 1, net: 'a', to: two, echo: undefined};
const stamp = {version: {term: 1, leader: one, nonce, index: 1}, digest: nonce};
const proposal: Proposal = {
  kind: 'proposal',
  term: 1,
  leading: true,
  newcomer: false,
  stamp,
  content: {kind: 'whole', bytes: new Uint8Array()},
};
const noise = (length: number): Uint8Array => Uint8Array.from({length}, (_, index) => (index * index * 37 + 11) >> 3);
const contents: Contents = {patch: noise(100), whole: noise(5000)};

test('what fits in a datagram weighs its bytes and all its headers', t => {
  const vote = {kind: 'voteAnswered', term: 3, granted: true} as const;
  const encoded = encodeDatagram(new Uint8Array(8), header, vote);

  t.deepEqual(weigh(header, vote, contents), {frames: 1, bytes: encoded.length + envelopeBytes + frameBytes});
});

test('a proposal weighs what the real state would, in pieces, of which each goes to one net', t => {
  const onA = weigh(header, proposal, contents);
  const onB = weigh({...header, net: 'b'}, proposal, contents);

  t.true(onA.frames > 1);
  t.true(onA.bytes <= onA.frames * (pieceBytes + 200));
  t.deepEqual(onB, {frames: 0, bytes: 0});
});

test('one server more is a patch much smaller than the state', t => {
  const {patch, whole} = contentsOf(3);

  t.true(whole.length > 4 * patch.length);
});

test('three levelers beat twenty times a second on both nets, and a command adds to that', t => {
  const cluster = new WeighedCluster(1, 3, contents);
  t.true(cluster.agree() < 10_000);

  const {traffic, diary} = cluster.weighCalm(2000);
  const changing = cluster.weighChanging(2000);

  t.is(Math.round(traffic.toAll.frames / 3 / 2), 40);
  t.true(changing.toOne.frames > traffic.toOne.frames);
  t.true(diary.events.filter(({kind}) => kind === 'heard').length > 150);
  t.true(measureCost(diary).totalMs > 0);
});

test('a command is answered, and a lost leader is followed by another', t => {
  const cluster = new WeighedCluster(1, 3, contents);
  cluster.agree();

  t.true(cluster.command() < 1000);
  t.true(cluster.loseLeader() < 1000);
  t.is(cluster.simulation.leaders.length, 1);
});

test('a target is missed when sixteen levelers talk too much or agree too late', t => {
  const spread = (worst: number) => ({median: worst, p99: worst, worst, samples: [worst]});
  const load = (sentMbit: number) => ({sentFrames: 0, sentBytes: 0, sentMbit, receivedFrames: 0, receivedMbit: 0});
  const agreement = (worst: number) => ({birthMs: spread(9000), leaderLostMs: spread(worst), commandMs: spread(1)});
  const figures = (mbit: number, worst: number) => ({
    servers: 250,
    patchBytes: 1,
    stateBytes: 2,
    sizes: [
      {
        levelers: 16,
        calm: load(0.1),
        changing: load(mbit),
        cost: {stepMs: 1, viewMs: 1, codecMs: 1, hmacMs: 1, totalMs: 4},
        agreement: agreement(10),
      },
    ],
    lossy: {levelers: 16, loss: 0.3, agreement: agreement(worst)},
  });
  const met = (mbit: number, worst: number) => controlBench.targets(figures(mbit, worst)).map(target => target.met);

  t.deepEqual(met(0.9, 1900), [true, true]);
  t.deepEqual(met(1.1, 2100), [false, false]);
});
