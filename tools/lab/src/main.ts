/**
 * lab - build a TacoPleX laboratory from network namespaces, look around in it, take it away.
 *
 * Needs  root
 * Exits  0 done; 1 the world failed; 2 not understood; `exec`: what the command says
 */
import {setTimeout as pause} from 'node:timers/promises';
import {ConfigError, TacoplexError} from '@tacoplex/errors';
import {Command, InvalidArgumentError, Option} from 'commander';
import {configureCluster} from './configure-cluster.ts';
import {checkMachine, createLab} from './create-lab.ts';
import {listLabs} from './folder.ts';
import {type Lab, openLab} from './lab.ts';
import {nameOption} from './name-option.ts';
import {defaultOptions, type Engine, type Layout} from './plan.ts';
import {clearAfterMs} from './power.ts';
import {exitCode} from './run.ts';
import {describeLab, formatStatus} from './status.ts';
import {tearDown} from './tear-down.ts';
import {addTroubleCommand} from './trouble-command.ts';

type Named = {readonly name: string};
type UpOptions = Named & {
  readonly levelers: number;
  readonly witness?: boolean;
  readonly servers: number;
  readonly layout: Layout;
  readonly dwell: number;
  readonly levips: number;
  readonly engine: Engine;
  readonly bare?: boolean;
};

const program = new Command('lab')
  .description('Build a TacoPleX laboratory from network namespaces, look around in it, take it away.')
  .enablePositionalOptions()
  .exitOverride(({exitCode: code}) => process.exit(code === 0 ? 0 : 2))
  .addHelpText(
    'after',
    `
Hosts: client, router, router2 (one-way), leveler0.., witness (--witness), server0.., and wire, where the bridges are.

Examples:
  npm run lab -- up --levelers 3 --servers 4
  npm run lab -- exec leveler0 taco status
  npm run lab -- exec client curl -s http://10.0.1.200/
  npm run lab -- exec router ip -s neigh
  npm run lab -- exec wire tcpdump -n -i net-a arp
  npm run lab -- power off leveler0
  npm run lab -- trouble --kind cluster --loss 10 --seconds 30
  npm run lab -- down`,
  );

program
  .command('up')
  .description('build a lab, start its levelers and servers, and tell the cluster of them')
  .addOption(nameOption())
  .option('--levelers <count>', '1..4', wholeNumber, defaultOptions.levelers)
  .option('--witness', 'a host beside them that only votes')
  .option('--servers <count>', '1..8', wholeNumber, defaultOptions.servers)
  .addOption(
    new Option('--layout <layout>', 'how servers answer: through the levelers, or past them')
      .choices(['classic', 'one-way'])
      .default(defaultOptions.layout),
  )
  .option(
    '--dwell <seconds>',
    'how long a leveler holds a LevIP; 0: until it fails',
    wholeNumber,
    defaultOptions.dwellS,
  )
  .option('--levips <count>', 'LevIPs of each family, 1..4', wholeNumber, defaultOptions.levIps)
  .addOption(
    new Option('--engine <engine>', 'how levelers forward')
      .choices(['auto', 'xdp', 'cap'])
      .default(defaultOptions.engine),
  )
  .option('--bare', 'boot the levelers, but start none of their processes and configure nothing')
  .action(up);

program
  .command('down')
  .description('take a lab away, whole or half built')
  .addOption(nameOption())
  .option('--all', 'every lab of this machine')
  .action(async ({name, all}: Named & {readonly all?: boolean}) => {
    checkMachine();
    for (const lab of all === true ? listLabs() : [name]) {
      console.error((await tearDown(lab)) ? `lab "${lab}" is gone` : `there is no lab "${lab}"`);
    }
  });

program
  .command('exec')
  .description('run a command in a host; its exit code is passed on')
  .addOption(nameOption())
  .argument('<host>')
  .argument('<command...>', 'the command and its own options')
  .passThroughOptions()
  .action(async (host: string, command: string[], {name}: Named) => {
    const lab = reach(name);
    // A terminal sends its signals to the command too, which decides what they mean.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => {});
    }
    process.exitCode = await exitCode(lab.spawn(host, command, {stdio: 'inherit'}));
  });

program
  .command('power')
  .description('cut a leveler or a server off at once, or switch it on again')
  .argument('<on|off>')
  .argument('<host>')
  .addOption(nameOption())
  .action(async (state: string, host: string, {name}: Named) => {
    const lab = reach(name);
    if (!/^(leveler\d|witness|server\d)$/.test(host) || !['on', 'off'].includes(state)) {
      throw new ConfigError('usage: lab power on|off HOST, where HOST is a leveler, a witness or a server', {
        code: 'USAGE',
      });
    }

    await (state === 'on' ? lab.powerOn(host) : lab.powerOff(host));
    console.error(`${host} is ${state}`);
    if (state === 'off') {
      await pause(clearAfterMs);
      await lab.clearAway(host);
    }
  });

addTroubleCommand(program, reach);

program
  .command('status')
  .description('show the hosts of a lab and what runs on them')
  .addOption(nameOption())
  .option('--json', 'one JSON document')
  .action(async ({name, json}: Named & {readonly json?: boolean}) => {
    const status = await describeLab(reach(name));
    console.log(json === true ? JSON.stringify(status, null, 2) : formatStatus(status));
  });

program
  .command('list')
  .description('name the labs of this machine, one on a line')
  .action(() => {
    for (const lab of listLabs()) {
      console.log(lab);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof TacoplexError)) {
    throw error;
  }

  console.error(`lab: ${error.message}`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

async function up({name, dwell, levips, witness = false, bare = false, ...rest}: UpOptions): Promise<void> {
  const {levelers, servers, layout, engine} = rest;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort());
  }

  try {
    const options = {name, levelers, hasWitness: witness, servers, layout, dwellS: dwell, levIps: levips, engine};
    const lab = await createLab({...options, startLevelers: !bare, isPatient: false, signal: stop.signal});
    if (!bare) {
      await setToWork(lab, stop.signal);
    }
    console.error(invite(lab, bare));
  } catch (error) {
    if (!stop.signal.aborted) {
      throw error;
    }

    console.error(`lab: stopped; nothing of lab "${name}" is left`);
    process.exitCode = 130;
  }
}

/** A lab that does not come to work stays, to be looked into; one that was interrupted goes. */
async function setToWork(lab: Lab, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {once: true});
  });
  const working = lab.waitForAllProcesses().then(async () => configureCluster(lab));
  try {
    await Promise.race([working, stopped]);
  } catch (error) {
    if (signal.aborted) {
      working.catch(() => {});
      await lab.down();
    } else {
      console.error(`lab "${lab.name}" stands but does not work; its logs: ${lab.folder}/leveler*/log`);
      console.error(`remove it: npm run lab -- down --name ${lab.name}`);
    }
    throw error;
  }
}

function invite({name}: Lab, isBare: boolean): string {
  const named = name === defaultOptions.name ? '' : ` --name ${name}`;
  const look = isBare ? 'client ping -c 1 192.0.2.1' : 'client curl -s http://10.0.1.200/';
  return `lab "${name}" is up; look around: npm run lab -- exec${named} ${look}`;
}

function reach(name: string): Lab {
  checkMachine();
  return openLab(name);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number.');
  }

  return Number(text);
}
