/**
 * demo - a cluster in network namespaces carries HTTP, gains and loses a server, loses a leveler, and goes on.
 *
 * usage: npm run demo [-- --keep | --json]
 *
 * Needs  root: it makes network namespaces, and removes them at the end, also after Ctrl-C
 * Exits  0 all was as it should be; 1 it was not; 2 not understood
 */
import {TacoplexError} from '@tacoplex/errors';
import {configureCluster, createLab} from '@tacoplex/lab';
import {Command} from 'commander';
import {formatSummary, openScreen} from './screen.ts';
import {playStory} from './story.ts';
import {judge} from './verdict.ts';

const program = new Command('npm run demo --')
  .description('Show a cluster of levelers and servers at work, on this machine, in network namespaces.')
  .option('--json', 'print one JSON document instead of the table')
  .option('--keep', 'leave the cluster running at the end')
  .option('--name <name>', 'name of the laboratory', 'demo')
  .addHelpText('after', '\nexamples:\n  npm run demo\n  npm run demo -- --json\n  npm run demo -- --keep')
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const {json = false, keep = false, name} = program.opts<{json?: boolean; keep?: boolean; name: string}>();

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
}

const began = performance.now();
try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!abort.signal.aborted && !(error instanceof TacoplexError)) {
    throw error;
  }

  console.error(`demo: ${abort.signal.aborted ? 'stopped; everything is removed' : (error as Error).message}`);
  process.exitCode = 1;
}

async function run(): Promise<boolean> {
  const screen = openScreen(process.stderr);
  screen.step('building 3 levelers, 4 servers, a router and a client from network namespaces');
  const lab = await createLab({name, levelers: 3, servers: 4, signal: abort.signal});
  let isKept = false;
  try {
    await configureCluster(lab);
    const observed = await playStory(lab, screen, abort.signal);
    const document = judge(observed, (performance.now() - began) / 1000);
    screen.close();
    console.log(json ? JSON.stringify(document) : formatSummary(document));
    isKept = keep;
    return document.demo.ok;
  } finally {
    screen.close();
    if (isKept) {
      console.error(`The cluster runs on. Look around:
  npm run lab -- status --name ${name}
  npm run lab -- exec --name ${name} leveler0 taco status
  npm run lab -- exec --name ${name} client curl -s http://10.0.1.200/
and take it away:
  npm run lab -- down --name ${name}`);
    } else {
      await lab.down();
    }
  }
}
