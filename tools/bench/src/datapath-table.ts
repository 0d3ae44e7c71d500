import {
  type CaseFigures,
  type Comparison,
  type DatapathFigures,
  type ForwarderName,
  forwarderNames,
  type Ratio,
  ratioNames,
} from './datapath-figures.ts';
import {formatColumns, formatRows} from './format-rows.ts';
import type {Statistics} from './statistics.ts';

/** The figures for people. */
export function printDatapath(figures: DatapathFigures): string {
  const {cases, rounds, furtherPairs, sliceMs, processor, mode} = figures;
  const entries = Object.entries(cases);
  const hasCap = entries.some(([, {cap}]) => cap !== undefined);
  const names = [...forwarderNames, ...(hasCap ? (['cap'] as const) : [])];
  const rates = formatColumns([
    ['Mpps', 'bytes', 'flows', 'servers', ...names, ...ratioNames, 'ns limit', 'ns xdp'],
    ...entries.map(([name, one]) => [name, ...rowOf(one, names)]),
  ]);
  const inStack = formatColumns([
    ['Mpps', ...forwarderNames, ...ratioNames, 'seen by the stack'],
    ...entries.map(([name, {stack}]) => [
      name,
      ...ratesAndRatios(stack, forwarderNames),
      `${stack.seenByStack} of ${stack.received}`,
    ]),
  ]);
  const share = processor.share === 1 ? 'all' : `${(100 * processor.share).toFixed(2)} %`;
  const where =
    `Mpps: millions of frames for each second that the CPU worked on them; medians of ${rounds} rounds of ${sliceMs} ms, ` +
    `interleaved, and of ${furtherPairs} more of limit and xdp; ratios: medians of pairs, and quartiles\n` +
    `Sender, forwarder and sink on CPU ${processor.number} (${share} of the frames)`;
  const lost = entries.flatMap(([name, one]) => [...lostIn(name, one), ...lostIn(`${name} (stack)`, one.stack)]);
  return `${rates}\n\nFrames end in a program in the receiver's driver. Where they end in its kernel's stack instead:\n\n${inStack}\n\n${where}\n\n${formatRows(
    [
      ['lost on the way', lost.length === 0 ? 'none' : lost.join(', ')],
      ['xdp attached', `${mode} mode, in ${spread(figures.loadAndAttachMs)}`],
      ['65,536 bins installed', spread(figures.installMs)],
      ['16 groups installed', spread(figures.installAllMs)],
      ['memory of maps', `${(figures.memoryBytes / 2 ** 20).toFixed(1)} MiB`],
      ...(['limit', 'xdp'] as const).map(name => [`program ${name}`, describeProgram(figures, name)] as const),
    ],
  )}`;
}

function rowOf(one: CaseFigures, names: readonly (ForwarderName | 'cap')[]): string[] {
  const {frameBytes, flows, servers, nsPerPacket} = one;
  return [
    ...[frameBytes, flows, servers].map(String),
    ...ratesAndRatios(one, names),
    ...(['limit', 'xdp'] as const).map(name => nsPerPacket[name].median.toFixed(0)),
  ];
}

function ratesAndRatios(
  one: Comparison & Pick<CaseFigures, 'cap'>,
  names: readonly (ForwarderName | 'cap')[],
): string[] {
  return [
    ...names.map(name => (name === 'cap' ? describeCap(one.cap) : one[name].median.toFixed(2))),
    ...ratioNames.map(name => describeRatio(one.pairs[name])),
  ];
}

function lostIn(name: string, rates: Comparison): string[] {
  return forwarderNames
    .filter(who => rates[who].lost > 0)
    .map(who => `${name} ${who} ${rates[who].lost} of ${rates[who].sent}`);
}

/** More may be possible where nothing was lost. */
function describeCap(cap: CaseFigures['cap']): string {
  return cap === undefined ? '' : `${cap.lost === 0 ? '>' : ''}${cap.median.toFixed(3)}`;
}

function describeRatio({median, low, high}: Ratio): string {
  const digits = median < 2 ? 3 : 2;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

function describeProgram({instructions}: DatapathFigures, name: 'limit' | 'xdp'): string {
  const {verifiedInstructions, xlatedBytes, jitedBytes} = instructions[name];
  return `${xlatedBytes / 8} instructions, ${jitedBytes} bytes of machine code; the verifier looked at ${verifiedInstructions} of 1,000,000`;
}

function spread({median, worst}: Statistics): string {
  return `${median.toFixed(2)} ms median, ${worst.toFixed(2)} ms worst`;
}
