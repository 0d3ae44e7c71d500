import {once} from 'node:events';
import type {Bus} from '@tacoplex/bus';
import {type Clock, systemClock} from '@tacoplex/clock';
import type {Config} from '@tacoplex/config';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {createLog, type Log, linesAtOnce, openStderr, Repeats} from '@tacoplex/log';
import type {Process} from '@tacoplex/messages';
import {lowerHelpers} from './become-ordinary.ts';
import {checkRole} from './check-role.ts';
import {holdLock} from './lock.ts';
import {Optimiser, type Pace} from './optimiser.ts';
import {manualOf, readOptions, softwareVersion} from './options.ts';
import {describePause, pauseAfter, rest, supervisedVariable} from './pause.ts';

/** The world as a process is handed it. */
export type World<P extends Process> = {
  readonly config: Config;
  readonly bus: Bus<P>;
  readonly clock: Clock;
  readonly log: Log;
  readonly optimiser: Pick<Optimiser, 'rest'>;
};

/** A process that has started. `stop` gives everything back and resolves; its supervisor waits a few seconds. */
export type Running = {
  stop(): Promise<void>;
  /** Rejects when it cannot go on: then it is not stopped, and the process ends. */
  readonly failed?: Promise<never>;
};

type Common<P extends Process, Machine> = {
  readonly name: P;
  /** `import.meta.url` of the main file, whose head comment is the manual page. */
  readonly main: string;
  /** `seldom` unless given. */
  readonly pace?: Pace;
  /** Looks whether this machine is as it must be, for `-n` too. What it finds is handed to `start`. @throws ConfigError */
  readonly check: (config: Config) => Machine | Promise<Machine>;
  /** What else the machine lacks, for `-n` alone: a running process does not end for it. Says it, and returns how many are musts. */
  readonly inspect?: (config: Config, machine: Machine, log: Log) => Promise<number>;
};

/** A process whose main thread is on the bus. */
export type Daemon<P extends Process, Machine> = Common<P, Machine> & {
  readonly start: (world: World<P>, machine: Machine) => Promise<Running>;
};

/** What has been begun beside the config's reading; given up when there is nothing to start. */
export type Begun = {giveUp(): Promise<void>};

/** A process that opens its bus elsewhere, in a worker thread. */
export type BuslessDaemon<P extends Process, Machine, Beside extends Begun> = Common<P, Machine> & {
  /** Called as soon as it is known that the process is to run: what it takes to read the config takes time. */
  readonly begin: () => Beside;
  readonly start: (
    world: Omit<World<P>, 'bus'> & {readonly verbose: boolean},
    machine: Machine,
    begun: Beside,
  ) => Promise<Running>;
};

/** Of a process that runs on any machine. */
export function checkNothing(): void {}

/** The life of every process: read the config, start, wait for a signal, stop. Never returns. */
export async function runDaemon<P extends Process, Machine>({start, ...common}: Daemon<P, Machine>): Promise<never> {
  return runDaemonWithoutBus({
    ...common,
    begin: () => ({giveUp: async () => {}}),
    async start({config, clock, log, optimiser}, machine) {
      const {openBus} = await import('@tacoplex/bus'); // Whoever has its bus elsewhere does not wait for ZeroMQ
      const bus = await openBus(common.name, config.paths.run, log);
      const running = await start({config, bus, clock, log, optimiser}, machine);
      return {
        ...(running.failed && {failed: running.failed}),
        async stop() {
          await running.stop();
          await bus.close();
        },
      };
    },
  });
}

/** As `runDaemon`, for a process that keeps ZeroMQ off its main thread. */
export async function runDaemonWithoutBus<P extends Process, Machine, Beside extends Begun>({
  name,
  main,
  pace = 'seldom',
  begin,
  check,
  inspect,
  start,
}: BuslessDaemon<P, Machine, Beside>): Promise<never> {
  if (pace === 'often') {
    lowerHelpers();
  }

  const optimiser = new Optimiser(pace, systemClock);
  process.umask(0o007); // Sockets and files are for the group, not for everybody
  const stderr = openStderr();
  const repeats = new Repeats(systemClock, linesAtOnce);
  let log = createLog(name, 'info', stderr.write, repeats);
  let begun: Beside | undefined;
  let isTrial = process.env[supervisedVariable] === undefined;
  const leave = async (code: number): Promise<never> => {
    await begun?.giveUp();
    await stderr.close();
    process.exit(code);
  };

  try {
    const options = readOptions(name, process.argv.slice(2));
    if (options.help || options.version) {
      process.stdout.write(options.help ? manualOf(new URL(main)) : `${name} ${softwareVersion()}\n`);
      return await leave(0);
    }

    log = createLog(name, options.verbose ? 'debug' : 'info', stderr.write, repeats);
    isTrial ||= options.check;
    begun = options.check ? undefined : begin();
    const {readConfig} = await import('@tacoplex/config');
    const config = readConfig(options.file);
    checkRole(name, config);
    const machine = await check(config);
    if (begun === undefined) {
      if (((await inspect?.(config, machine, log)) ?? 0) > 0) {
        return await leave(2);
      }

      log.notice('config is good', {file: options.file});
      return await leave(0);
    }

    holdLock(name, `${config.paths.run}/${name}.lock`);
    const stopAsked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    const running = await start({config, clock: systemClock, log, optimiser, verbose: options.verbose}, machine, begun);
    log.notice('started', {version: softwareVersion(), pid: process.pid});
    await Promise.race([stopAsked, running.failed ?? stopAsked]);
    await running.stop();
    log.notice('stopped');
    return await leave(0);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof WorldError) {
      const pause = isTrial || error instanceof WorldError ? undefined : pauseAfter(error);
      const again = pause && {again: describePause(pause)};
      log.fatal('cannot go on', {code: error.facts.code, reason: error.message, ...again});
      await begun?.giveUp();
      const isStopped = pause !== undefined && (await rest(pause)) === 'stop asked';
      return leave(isStopped ? 0 : error instanceof ConfigError ? 2 : 1);
    }

    await stderr.close();
    throw error; // Ours: let the stack speak
  }
}
