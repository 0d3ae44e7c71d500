#!/usr/bin/env node
/**
 * slow - run a command as a slow machine would.
 *
 * usage: slow [--cpus N] QUOTA COMMAND…
 *
 * The command and all that it starts get QUOTA CPUs: namespaces, supervisors, daemons that leave their session. What is left of them
 * when the command ends is killed.
 *
 * Says   nothing on stdout; at the end one line on stderr: CPU seconds used, and how often the quota stopped them
 * Needs  root; the cpu controller of control groups, version 1 or 2
 * Exits  as the command, 128 and the signal's number if one killed it; 1 no quota can be set here; 2 not understood
 */
import {ConfigError, WorldError} from '@tacoplex/errors';
import {Command, InvalidArgumentError} from 'commander';
import {findPlace, groupName, makeGroup, removeGroup} from './group.ts';
import {type Plan, planGroup} from './plan.ts';
import {parseCpuList, parseQuota, type Quota} from './quota.ts';
import {SignalPasser} from './run.ts';
import {writeUsage} from './usage.ts';

const more = `
What is slow, and what is not:
  A budget of QUOTA times 10 ms is given out every 10 ms; whoever has used it up waits for the next one. The command runs on as few
  CPUs as the quota takes (1.0: one), or on --cpus of them. One CPU at 1.0 is a machine with one whole CPU: no budget ever stops
  it. --cpus 2 at 1.0 is a machine with two, which both stand still for a part of each 10 ms when both are busy.
  Real-time threads do not spend that budget. Where the kernel knows budgets of real time (control groups version 1 with
  CONFIG_RT_GROUP_SCHED) they get one of their own, as large, but 0.95 of a CPU at most. Elsewhere they are bounded by the CPUs alone, so by 1.0
  for a QUOTA of up to 1.0. Both kinds together never exceed the CPUs, and the line at the end counts both.
  Not slowed: what the kernel does for the command in threads of its own, and processes that move to another control group, such
  as those that docker or systemd-run start elsewhere.

Examples:
  npm run slow -- 1.0 npm run demo -- --json
  npm run slow -- 0.5 npm run bench -- failover --cases power-cut
  npm run slow -- --cpus 2 1.0 npm test
  npm run slow -- 1.0 bash              a laboratory that stays slow until you leave this shell`;

await new Command('slow')
  .description('Run a command, and all that it starts, within a CPU quota.')
  .argument('<quota>', 'CPUs, such as 1.0 or 0.5')
  .argument('<command...>', 'what to run, with its own options')
  .option('--cpus <number>', 'how many CPUs it may run on; default: as few as the quota takes', parseWidth)
  .addHelpText('after', more)
  .passThroughOptions()
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (text: string, command: string[], options: {cpus?: number}) => {
    process.exitCode = await slow(text, command, options.cpus);
  })
  .parseAsync();

async function slow(text: string, command: readonly string[], width: number | undefined): Promise<number> {
  try {
    const {place, cpuList} = findPlace();
    const quota = parseQuota(text, parseCpuList(cpuList), width);
    const passer = new SignalPasser(); // From here on a signal ends the command, not this process
    const plan = planGroup(place, groupName(), quota);
    warn(plan, quota, makeGroup(place, plan));
    return await runWithin(plan, quota, () => passer.run(command, plan.join));
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof WorldError)) {
      throw error;
    }

    console.error(`slow: ${error.message}`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

async function runWithin(plan: Plan, quota: Quota, run: () => Promise<number>): Promise<number> {
  const beganMs = performance.now();
  let endedMs = beganMs;
  try {
    return await run().finally(() => {
      endedMs = performance.now();
    });
  } finally {
    const usage = await removeGroup(plan);
    console.error(`slow: ${writeUsage(usage, quota, (endedMs - beganMs) / 1000)}`);
  }
}

/** What is not as the help says. */
function warn({isPinned, realTime}: Plan, {periodUs}: Quota, grantedUs: number | undefined): void {
  if (!isPinned) {
    console.error('slow: no cpuset controller here: real-time threads may use every CPU');
  }

  if (grantedUs !== undefined && grantedUs < Number(realTime[0]?.text)) {
    const share = (grantedUs / periodUs).toFixed(2);
    console.error(
      `slow: other control groups hold the real time of this machine: real-time threads get ${share} of a CPU`,
    );
  }
}

function parseWidth(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('a whole number from 1.');
  }

  return value;
}
