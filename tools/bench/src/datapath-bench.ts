import {ConfigError} from '@tacoplex/errors';
import type {Bench} from './bench.ts';
import {type CapFigures, capBench} from './cap-bench.ts';
import {type DatapathFigures, targetsOf} from './datapath-figures.ts';
import {runDatapath} from './datapath-run.ts';
import {printDatapath} from './datapath-table.ts';

/** All forwarders beside each other, or the cap engine alone at a rate that is asked for. */
export const datapathBench: Bench<DatapathFigures | CapFigures> = {
  name: 'datapath',
  summary: 'forward frames by the xdp engine, and beside it by what else can',
  options: [
    {flags: '--cases <names>', help: 'such as udp4-60,*6-60*; all if not given, and if quick those with a target'},
    {flags: '--engine <engine>', help: 'cap: that engine alone, at the rate of --pps'},
    ...(capBench.options ?? []),
  ],
  run: async options => {
    const {engine} = options.own;
    if (engine !== undefined && engine !== 'cap') {
      throw new ConfigError(`--engine ${engine}: only cap can be measured alone`, {code: 'USAGE'});
    }

    return engine === 'cap' ? capBench.run(options) : runDatapath(options);
  },
  print: figures => (isCap(figures) ? capBench.print(figures) : printDatapath(figures)),
  targets: figures => (isCap(figures) ? capBench.targets(figures) : targetsOf(figures)),
};

function isCap(figures: DatapathFigures | CapFigures): figures is CapFigures {
  return 'engine' in figures;
}
