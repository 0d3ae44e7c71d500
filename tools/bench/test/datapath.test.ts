import {ConfigError} from '@tacoplex/errors';
import {internetChecksum, transportChecksum} from '@tacoplex/frames';
import {ipFromBytes, type MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {datapathBench} from '../src/datapath-bench.ts';
import {allCases, chooseCases, hasTarget, isFull} from '../src/datapath-cases.ts';
import {
  type CaseFigures,
  comparisonOf,
  type DatapathFigures,
  rateOf,
  ratioOf,
  type Slice,
  spreadOf,
  targetsOf,
} from '../src/datapath-figures.ts';
import {frameOf, senderMac, unpaddedBytes} from '../src/datapath-frames.ts';
import {rulesetFor} from '../src/datapath-nft.ts';
import {countReceived} from '../src/datapath-sink.ts';
import {formatColumns} from '../src/format-rows.ts';
import {runBench} from '../src/run-bench.ts';

const mac = '02:00:00:00:00:0a' as MacAddress;
const slices = (...mpps: readonly number[]): Slice[] =>
  mpps.map(rate => ({mpps: rate, sent: 100, lost: 1, servers: 4}));

function figuresWith(ofLimit: number, cases = ['udp4-60']): DatapathFigures {
  const [one, limit] = [slices(8, 9, 7), slices(10, 10, 10)];
  const driver = comparisonOf({limit, xdp: one, nft: slices(2, 2, 2), kernel: slices(3, 3, 3)});
  const program = {verifiedInstructions: 20, xlatedBytes: 160, jitedBytes: 100};
  const times = {median: 1, p99: 2, worst: 2, samples: [1, 2]};
  const figures: CaseFigures = {
    protocol: 'udp',
    family: 4,
    flows: 65_536,
    servers: 200,
    frameBytes: 60,
    ...driver,
    ratios: {'xdp/limit': ofLimit, 'xdp/nft': 4, 'xdp/kernel': 3},
    stack: {...driver, received: 900, seenByStack: 900},
    nsPerPacket: {limit: {median: 7, samples: [7]}, xdp: {median: 29, samples: [29]}},
  };
  return {
    sink: 'driver',
    cases: Object.fromEntries(cases.map(name => [name, figures])),
    mode: 'native',
    rounds: 3,
    furtherPairs: 4,
    sliceMs: 30,
    processor: {number: 1, share: 1},
    instructions: {limit: program, xdp: program},
    installMs: times,
    installAllMs: times,
    loadAndAttachMs: times,
    memoryBytes: 20 * 2 ** 20,
  };
}

test('every shape is tried with many flows and one, with many servers and few', t => {
  t.is(allCases.length, 24);
  t.is(new Set(allCases.map(({name}) => name)).size, 24);
  t.true(allCases.some(({name}) => name === 'tcp6-60-1flow-4servers'));
  t.deepEqual(
    allCases.slice(0, 6).map(({name}) => name),
    ['udp4-60', 'tcp4-60', 'udp6-60', 'tcp6-60', 'udp4-1400', 'udp6-1400'],
  );
});

test('a quick run takes the cases that have a target, and names choose others', t => {
  t.true(chooseCases(undefined, true).every(hasTarget));
  t.is(chooseCases(undefined, false), allCases);
  t.deepEqual(
    chooseCases('udp6-60,*4-60-4servers', true).map(({name}) => name),
    ['udp6-60', 'udp4-60-4servers', 'tcp4-60-4servers'],
  );
});

test('a name that fits no case is refused, with those there are', t => {
  const error = t.throws(() => chooseCases('udp4-60,sctp4-60', false), {instanceOf: ConfigError});
  t.regex(error.message, /^--cases sctp4-60: there is none; there are udp4-60, tcp4-60/);
});

test('frames are as long as their name says, or as their headers are', t => {
  const lengths = allCases.filter(isFull).map(one => [one.name, frameOf(one, mac, senderMac).length]);
  t.deepEqual(Object.fromEntries(lengths), {
    'udp4-60': 60,
    'tcp4-60': 60,
    'udp6-60': 62,
    'tcp6-60': 78,
    'udp4-1400': 1400,
    'udp6-1400': 1400,
  });
  t.is(unpaddedBytes(frameOf(allCases[1]!, mac, senderMac)), 58);
});

test('the checksums of every flow are right', t => {
  fc.assert(
    fc.property(fc.constantFrom(...allCases), fc.integer({min: 0, max: 65_535}), (one, flow) => {
      const frame = frameOf(one, mac, senderMac, flow);
      const packet = frame.subarray(14, unpaddedBytes(frame));
      const [from, bytes, header] = one.family === 4 ? [12, 4, 20] : [8, 16, 40];
      const source = ipFromBytes(packet.subarray(from, from + bytes));
      const destination = ipFromBytes(packet.subarray(from + bytes, from + 2 * bytes));
      t.is(one.family === 4 ? internetChecksum(packet.subarray(0, 20)) : 0, 0);
      t.is(transportChecksum({source, destination}, one.protocol === 'udp' ? 17 : 6, packet.subarray(header)), 0);
    }),
    {numRuns: 50},
  );
});

test('flows differ in address and port', t => {
  const [first, second] = [0, 1].map(flow => frameOf(allCases[0]!, mac, senderMac, flow));
  const differing = [...first!.keys()].filter(index => first![index] !== second![index]);
  t.deepEqual(differing, [25, 29, 35]); // Header checksum, address, port
});

test('a rate is the median of its slices, with quartiles, and sums what was lost', t => {
  t.deepEqual(rateOf(slices(3, 1, 2, 5, 4)), {
    mpps: [3, 1, 2, 5, 4],
    median: 3,
    low: 2,
    high: 4,
    sent: 500,
    lost: 5,
    servers: 4,
  });
});

test('a ratio is the median of pairs, not of all slices', t => {
  t.deepEqual(ratioOf(slices(1, 4, 9), slices(2, 4, 10)), {samples: [0.5, 1, 0.9], median: 0.9, low: 0.5, high: 1});
  t.deepEqual(ratioOf(slices(1, 4, 9), slices(2)).samples, [0.5]);
});

test('quartiles are samples', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({min: 0, max: 1000}), {minLength: 1}), samples => {
      const {median, low, high} = spreadOf(samples);
      t.true(low <= median && median <= high && [low, median, high].every(value => samples.includes(value)));
    }),
  );
});

test('IPv4 must reach 0.85 of the limit, IPv6 0.80', t => {
  const met = (name: string, ratio: number): boolean[] =>
    targetsOf(figuresWith(ratio, [name]))
      .filter(({what}) => what.includes('of the limit'))
      .map(target => target.met);
  t.deepEqual(met('udp4-60', 0.849), [false]);
  t.deepEqual(met('tcp4-60', 0.85), [true]);
  t.deepEqual(met('udp6-60', 0.8), [true]);
  t.deepEqual(met('tcp6-60', 0.799), [false]);
});

test('other cases have no target', t => {
  const whats = (name: string): number => targetsOf(figuresWith(0.1, [name])).length;
  t.is(whats('udp4-60'), 5);
  t.is(whats('udp4-1400'), 3);
  t.is(whats('udp4-60-1flow'), 3);
});

test('the document has every sample of every forwarder in one line', async t => {
  const out: string[] = [];
  const bench = {...datapathBench, run: async () => figuresWith(0.9)} as Parameters<typeof runBench>[0];
  const streams = {out: (text: string) => out.push(text), error: () => {}, isWatched: false};

  t.is(await runBench(bench, {json: true, quick: true, check: true, own: {}}, streams), 0);
  t.is(out.join('').split('\n').length, 2);
  const document = JSON.parse(out.join(''));
  t.is(document.bench, 'datapath');
  t.is(document.sink, 'driver');
  t.like(document.cases['udp4-60'], {
    limit: {mpps: [10, 10, 10], median: 10},
    xdp: {mpps: [8, 9, 7], median: 8},
    ratios: {'xdp/limit': 0.9, 'xdp/nft': 4, 'xdp/kernel': 3},
    pairs: {'xdp/limit': {samples: [0.8, 0.9, 0.7], median: 0.8}},
    stack: {ratios: {'xdp/limit': 0.8}, received: 900, seenByStack: 900},
  });
});

test('the table has a line for each case, and says that frames were lost', t => {
  const lines = datapathBench.print(figuresWith(0.9, ['udp4-60', 'tcp4-60'])).split('\n');

  t.regex(lines[1]!, /^udp4-60 +60 +65536 +200 +10\.00 +8\.00 +2\.00 +3\.00 +0\.800 \(0\.700-0\.900\)/);
  t.true(lines.some(line => line.endsWith('900 of 900')));
  t.true(lines.some(line => line.startsWith('lost on the way') && line.includes('udp4-60 limit 3 of 300')));
});

test('what interfaces have received is read from the kernel', t => {
  const text = ` face |bytes    packets errs\n    lo:       0       0    0\nlimit: 384000    6400    0\n`;

  t.deepEqual(countReceived(text), [
    {name: 'lo', bytes: 0, frames: 0},
    {name: 'limit', bytes: 384_000, frames: 6400},
  ]);
});

test('columns line up', t => {
  t.is(
    formatColumns([
      ['name', 'x'],
      ['a', '100'],
    ]),
    'name    x\na     100',
  );
});

test('nftables gets a server for each remainder', t => {
  const ruleset = rulesetFor(allCases.find(({name}) => name === 'tcp6-60-4servers')!, mac);

  t.regex(ruleset, /ip6 saddr \. ip6 daddr \. tcp sport \. tcp dport mod 4 /);
  t.regex(ruleset, /map \{ 0 : 02:5e:00:00:00:01, .*3 : 02:5e:00:00:00:04 \} fwd to/);
});
