import {setTimeout as pause} from 'node:timers/promises';
import {type Command, InvalidArgumentError, Option} from 'commander';
import type {Lab} from './lab.ts';
import {nameOption} from './name-option.ts';
import type {Wire} from './plan.ts';
import {type FrameKind, frameKinds, type Trouble} from './trouble.ts';

type Options = {
  readonly name: string;
  readonly wire?: readonly Wire[];
  readonly from?: string;
  readonly to?: string;
  readonly kind: FrameKind;
  readonly loss: number;
  readonly double: number;
  readonly copies: number;
  readonly corrupt: number;
  readonly delay: readonly [number, number];
  readonly cut?: boolean;
  readonly seed: number;
  readonly seconds?: number;
};

/** `lab trouble`: one trouble, until it is interrupted or time is up. */
export function addTroubleCommand(program: Command, reach: (name: string) => Lab): void {
  program
    .command('trouble')
    .description('lose, double, corrupt or delay frames on the wires, until Ctrl-C, and say how many')
    .addOption(nameOption())
    .addOption(
      new Option('--wire <wire...>', 'net-a, net-b, net-c, front; default: net-a and net-b').choices([
        'net-a',
        'net-b',
        'net-c',
        'front',
      ]),
    )
    .option('--from <host>', 'only what this host sends')
    .option('--to <host>', 'only what reaches this host')
    .addOption(
      new Option('--kind <kind>', 'which frames; cluster: what levelers tell each other')
        .choices(frameKinds)
        .default('all'),
    )
    .option('--loss <percent>', 'chance of a frame to be lost', number, 0)
    .option('--cut', 'lose every one')
    .option('--double <percent>', 'chance of a frame to come more than once', number, 0)
    .option('--copies <count>', 'how many more of it, at most, 1..8', number, 1)
    .option('--corrupt <percent>', 'chance of a frame to have a bit turned', number, 0)
    .option('--delay <ms>', 'MS, or LEAST..MOST: each frame draws its own, so their order changes', range, [0, 0])
    .option('--seed <number>', 'what is drawn', number, 1)
    .option('--seconds <count>', 'end by itself', number)
    .addHelpText(
      'after',
      `
Examples:
  npm run lab -- trouble --loss 10
  npm run lab -- trouble --kind cluster --from leveler0 --to leveler1 --cut --seconds 10
  npm run lab -- trouble --wire net-b --kind cluster --delay 0..500 --double 100 --copies 5`,
    )
    .action(async (options: Options) => trouble(reach(options.name), options));
}

async function trouble(lab: Lab, options: Options): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort());
  }

  const maker = await lab.startTrouble();
  try {
    await maker.make([troubleOf(options)], options.seed);
    console.error(
      `there is trouble in lab "${lab.name}"; ${options.seconds === undefined ? 'end it: Ctrl-C' : 'wait'}`,
    );
    const ms = options.seconds === undefined ? 2 ** 31 - 1 : options.seconds * 1000;
    await pause(ms, undefined, {signal: stop.signal}).catch(() => {});
    const count = await maker.make([]);
    console.log(
      Object.entries(count)
        .map(([what, frames]) => `${what} ${frames}`)
        .join(', '),
    );
  } finally {
    await maker.end();
  }
}

function troubleOf({wire, from, to, kind, loss, double, copies, corrupt, delay, cut}: Options): Trouble {
  return {
    ...(wire !== undefined && {wires: wire}),
    ...(from !== undefined && {from}),
    ...(to !== undefined && {to}),
    kind,
    lossPercent: cut === true ? 100 : loss,
    doublingPercent: double,
    copies,
    corruptionPercent: corrupt,
    delayMs: delay,
  };
}

function number(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError('It must be a number.');
  }

  return Number(text);
}

function range(text: string): readonly [number, number] {
  const [, least, , most = least] = /^(\d+(\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (least === undefined) {
    throw new InvalidArgumentError('It must be a number of milliseconds, or two with .. between.');
  }

  return [Number(least), Number(most)];
}
