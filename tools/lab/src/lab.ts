import type {ChildProcess, SpawnOptions} from 'node:child_process';
import {join} from 'node:path';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {addHosts, buildHosts, switchOn} from './build-hosts.ts';
import {type Capture, startCapture} from './capture.ts';
import {describeTroubles} from './describe-troubles.ts';
import {type Description, folderOf, readDescription, writeDescription} from './folder.ts';
import {inhabitantsOf, nginxOf, signalEach, waitUntilDead} from './inhabitants.ts';
import {hostEnvironment, initOf, lastWords} from './leveler-init.ts';
import {hostScript, linkScript} from './network-scripts.ts';
import {canBeOff, type Host, isBooted, type LabPlan, type Link, planLab, type Role} from './plan.ts';
import {Power} from './power.ts';
import {innerPid, type ProcessName, signalProcess} from './processes.ts';
import {type Ended, type RunOptions, run, start} from './run.ts';
import {intoNetwork, Shell} from './shell.ts';
import {askSupervisor, type Supervised} from './supervisor.ts';
import {tearDown} from './tear-down.ts';
import {Troublemaker} from './troublemaker.ts';
import {waitFor} from './wait-for.ts';
import {bigPagePath, startNginx} from './web-server.ts';

/**
 * A laboratory that exists: its hosts can be looked into, cut off, switched off and on.
 *
 * A host is named as in the plan: `client`, `router`, `router2`, `leveler0`…, `witness`, `server0`…; commands also run in `wire`,
 * the namespace of the bridges.
 */
export class Lab {
  readonly name: string;
  /** Holds what the hosts write: `leveler0/log`, `server0/error.log`, … */
  readonly folder: string;
  readonly #shell: Shell;
  readonly #power: Power;
  #description: Description;
  #plan: LabPlan;

  constructor(description: Description, signal?: AbortSignal) {
    this.name = description.options.name;
    this.folder = folderOf(this.name);
    this.#shell = new Shell(this.name, signal);
    this.#description = description;
    this.#plan = planLab(description.options);
    this.#power = new Power(this.#plan, {shell: this.#shell, folder: this.folder, place: description.freezer});
  }

  get plan(): LabPlan {
    return this.#plan;
  }

  get description(): Description {
    return this.#description;
  }

  get levelers(): readonly Host[] {
    return this.#hostsOf('leveler');
  }

  get servers(): readonly Host[] {
    return this.#hostsOf('server');
  }

  /** @throws ConfigError USAGE if the laboratory has no such host */
  host(name: string): Host {
    const host = this.#plan.hosts.find(candidate => candidate.name === name);
    if (host === undefined) {
      const names = this.#plan.hosts.map(candidate => candidate.name).join(' ');
      throw new ConfigError(`lab "${this.name}" has no host "${name}"; it has: ${names}`, {code: 'USAGE'});
    }

    return host;
  }

  /** The words to put before a command that is to run in a host. A leveler must be switched on. */
  nsenterArgv(hostName: string): string[] {
    if (hostName === 'wire') {
      return intoNetwork(this.#namespaceOf(hostName));
    }

    const host = this.host(hostName);
    const isLeveler = isBooted(host.role);
    const variables = Object.entries(hostEnvironment(hostName, isLeveler)).map(pair => pair.join('='));
    const into = isLeveler ? this.#intoLeveler(host) : intoNetwork(host.namespace);
    return [...this.#power.enterWords(host), ...into, 'env', ...variables];
  }

  /** Run a command in a host to its end. Its exit code is no error. */
  async exec(hostName: string, argv: readonly string[], options: Omit<RunOptions, 'env'> = {}): Promise<Ended> {
    return run([...this.nsenterArgv(hostName), ...argv], options);
  }

  /** Start a command in a host. */
  spawn(hostName: string, argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return start([...this.nsenterArgv(hostName), ...argv], options);
  }

  /**
   * Cut the power of a leveler or a server, all its cables and processes at once. No goodbye.
   *
   * Done before this returns, whether it is waited for or not. What is dead is cleared away a second later, or when
   * `clearAway` says so, but before it is switched on again.
   *
   * @returns when, CLOCK_MONOTONIC, ms
   * @throws ConfigError USAGE for a client or a router
   */
  async powerOff(hostName: string): Promise<number> {
    const host = this.host(hostName);
    if (!canBeOff(host.role)) {
      throw new ConfigError(`${hostName} is always on; levelers, witnesses and servers can be switched off`, {
        code: 'USAGE',
      });
    }

    return this.#power.cut(host);
  }

  /** Do now what is left to do after a power cut: kill what stands still, take links down, forget neighbours. */
  async clearAway(hostName: string): Promise<void> {
    await this.#power.clearAway(this.host(hostName));
  }

  /**
   * Switch a leveler or a server on again.
   *
   * @param isPatient whether to wait until a leveler's processes run
   */
  async powerOn(hostName: string, {isPatient = true} = {}): Promise<void> {
    const host = this.host(hostName);
    if (this.isOn(hostName)) {
      return;
    }

    await this.#power.restore(host);
    await switchOn(this.#shell, host, this.#description);
    if (isBooted(host.role) && isPatient) {
      await this.waitForProcesses(hostName);
    }
  }

  /** Whether a leveler has booted, or a server's nginx runs. Clients and routers are always on. */
  isOn(hostName: string): boolean {
    const host = this.host(hostName);
    if (!canBeOff(host.role)) {
      return true;
    }

    const runs = isBooted(host.role) ? initOf(this.#home(hostName)) !== undefined : nginxOf(host.namespace).length > 0;
    return runs && !this.#power.isOff(host);
  }

  /**
   * Take an interface down.
   *
   * @param side `host`: as its administrator would, `ip link set … down`; `wire`: as if the cable was pulled
   */
  async linkDown(hostName: string, name: string, side: 'host' | 'wire' = 'host'): Promise<void> {
    const [host, link] = [this.host(hostName), this.#linkOf(hostName, name)];
    await (side === 'host'
      ? this.#shell.script(host.namespace, linkScript([name], 'down'))
      : this.#power.unplug(host, link));
  }

  /** Bring an interface back, from whichever side it was taken down, with the addresses and routes it had. */
  async linkUp(hostName: string, name: string): Promise<void> {
    const host = this.host(hostName);
    await this.#power.plugIn(host, this.#linkOf(hostName, name));
    await this.#shell.script(host.namespace, hostScript(host));
  }

  /**
   * Plug in one more server and start it; the cluster is not told.
   *
   * @throws ConfigError USAGE if there are eight already
   */
  async addServer(): Promise<Host> {
    const {options} = this.#description;
    const more = {...this.#description, options: {...options, servers: options.servers + 1}};
    const plan = planLab(more.options);
    const added = plan.hosts.filter(({name}) => !this.#plan.hosts.some(host => host.name === name));
    [this.#description, this.#plan] = [more, plan];
    writeDescription(more);
    await addHosts(this.#shell, plan, added, more);
    return this.host(`server${options.servers}`);
  }

  /** Start a server's nginx, unless it runs. */
  async startServer(hostName: string): Promise<void> {
    if (!this.isOn(hostName)) {
      const host = this.host(hostName);
      await startNginx(this.#shell, {folder: this.folder, enter: this.#power.enterWords(host)}, host);
    }
  }

  /** Kill a server's nginx at once: its kernel then refuses connections. */
  async stopServer(hostName: string): Promise<void> {
    const victims = nginxOf(this.host(hostName).namespace);
    signalEach(victims, 'SIGKILL');
    await waitUntilDead(victims, hostName);
  }

  /** The processes of a leveler as its supervisord sees them; undefined while that does not answer. */
  async supervised(leveler: string): Promise<readonly Supervised[] | undefined> {
    const init = initOf(this.#home(leveler));
    return init === undefined || !this.isOn(leveler)
      ? undefined
      : askSupervisor(`/proc/${init}/root/run/tacoplex/supervisor.sock`);
  }

  /**
   * Wait until every process of a leveler runs. Returns at once where the laboratory starts none.
   *
   * @throws WorldError NO_ANSWER with the state and the last words of those that do not run
   */
  async waitForProcesses(leveler: string, timeoutMs?: number): Promise<void> {
    if (!this.#description.startsLevelers) {
      return;
    }

    let all: readonly Supervised[] = [];
    const look = async (): Promise<boolean> => {
      if (!this.isOn(leveler)) {
        const said = lastWords(join(this.#home(leveler), 'console.log'));
        throw new WorldError(`${leveler} went off: ${said}`, {code: 'COMMAND_FAILED', command: 'supervisord'});
      }

      all = (await this.supervised(leveler)) ?? [];
      return all.length > 0 && all.every(({state}) => state === 'RUNNING');
    };
    const patience = {timeoutMs, what: `${leveler}'s processes run`, everyMs: 100, signal: this.#shell.signal};
    await waitFor(look, patience).catch((error: unknown) => {
      throw error instanceof WorldError && error.facts.code === 'NO_ANSWER' ? this.#explain(leveler, all) : error;
    });
  }

  /** Wait until every process of every leveler, and of the witness, runs. */
  async waitForAllProcesses(timeoutMs?: number): Promise<void> {
    const booted = this.#plan.hosts.filter(({role}) => isBooted(role));
    await Promise.all(booted.map(async ({name}) => this.waitForProcesses(name, timeoutMs)));
  }

  /** A supervised process by its name, as this machine numbers it; undefined while it does not run. */
  async processPid(leveler: string, processName: string): Promise<number | undefined> {
    const inner = (await this.supervised(leveler))?.find(({name}) => name === processName)?.pid ?? 0;
    return inner === 0 ? undefined : this.#inhabitants(leveler).find(({pid}) => innerPid(pid) === inner)?.pid;
  }

  /**
   * Send a signal to a supervised process.
   *
   * @returns the process that was hit, as this machine numbers it
   * @throws WorldError NO_ANSWER if it does not run
   */
  async killProcess(leveler: string, processName: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const pid = await this.processPid(leveler, processName);
    if (pid === undefined || !signalProcess(pid, signal)) {
      throw new WorldError(`${leveler}: ${processName} does not run`, {code: 'NO_ANSWER', endpoint: processName});
    }

    return pid;
  }

  /**
   * Send a signal to the first process of a leveler, its supervisord, or to all others. Nothing new starts between the
   * first that is hit and the last only if the first process stands still.
   */
  async signalAll(leveler: string, signal: NodeJS.Signals, who: 'init' | 'others'): Promise<void> {
    const [init, ...others] = this.#inhabitants(leveler);
    signalEach(who === 'others' ? others : init === undefined ? [] : [init], signal);
  }

  /** Let all processes of a host stand still, at once; done before this returns. @returns when, CLOCK_MONOTONIC, ms */
  freeze(hostName: string): number {
    return this.#power.freeze(this.host(hostName));
  }

  /** Let them go on. Does no harm if they do. @returns when, CLOCK_MONOTONIC, ms */
  thaw(hostName: string): number {
    return this.#power.thaw(this.host(hostName));
  }

  /**
   * Wait until a supervised process that was killed has been started again. Its supervisord may take a moment to notice.
   *
   * @param former what `killProcess` returned
   * @returns its successor, as this machine numbers it
   */
  async waitForSuccessor(leveler: string, processName: string, former: number, timeoutMs?: number): Promise<number> {
    const look = async (): Promise<number | undefined> => {
      const pid = await this.processPid(leveler, processName);
      return pid === former ? undefined : pid;
    };
    const seen = async (): Promise<string> => (await describeTroubles(this)).join('; ');
    return waitFor(look, {timeoutMs, what: `${leveler}: ${processName} runs again`, seen});
  }

  /** Where this machine has the log of a leveler's process. */
  logFile(leveler: string, processName: string): string {
    return join(this.#home(leveler), 'log', `${processName}.log`);
  }

  /** Where this machine has the page `/10m` of all servers. */
  get bigPagePath(): string {
    return bigPagePath(this.folder);
  }

  /** Record what passes an interface into a file; returns once it records. `wire` has the ports, such as `leveler0-a0`. */
  async capture(hostName: string, interfaceName: string, file: string): Promise<Capture> {
    return startCapture(intoNetwork(this.#namespaceOf(hostName)), interfaceName, file);
  }

  /** Get ready to make trouble on the wires. Ends with this process, if not before. @throws WorldError COMMAND_FAILED */
  async startTrouble(): Promise<Troublemaker> {
    return Troublemaker.start(intoNetwork(this.#plan.wireNamespace), this.#plan);
  }

  /** Take the whole laboratory away. */
  async down(): Promise<void> {
    this.#power.close();
    await tearDown(this.name);
  }

  /** Make everything the plan says; the folder is claimed and empty. `createLab` calls it, once. */
  async build(): Promise<void> {
    await buildHosts(this.#shell, this.#plan, this.#description);
    this.#description = {...this.#description, isComplete: true};
    writeDescription(this.#description);
  }

  #explain(leveler: string, all: readonly Supervised[]): WorldError {
    const idle = all.filter(({state}) => state !== 'RUNNING');
    const why = idle.map(
      ({name, state}) => `${name} is ${state} and last said: ${lastWords(this.logFile(leveler, name))}`,
    );
    return new WorldError(`${leveler}: ${why.join('; ') || 'its supervisord does not answer'}`, {
      code: 'NO_ANSWER',
      endpoint: leveler,
    });
  }

  #inhabitants(hostName: string): ProcessName[] {
    return inhabitantsOf(this.#home(hostName), this.host(hostName).namespace);
  }

  #namespaceOf(hostName: string): string {
    return hostName === 'wire' ? this.#plan.wireNamespace : this.host(hostName).namespace;
  }

  #intoLeveler(host: Host): string[] {
    const init = initOf(this.#home(host.name));
    if (init === undefined || this.#power.isOff(host)) {
      const how = `npm run lab -- power on --name ${this.name} ${host.name}`;
      throw new WorldError(`${host.name} is switched off; switch it on: ${how}`, {
        code: 'NO_ANSWER',
        endpoint: host.name,
      });
    }

    return ['nsenter', '--target', String(init), '--net', '--mount', '--uts', '--pid', '--'];
  }

  #linkOf(hostName: string, name: string): Link {
    const {links} = this.host(hostName);
    const link = links.find(candidate => candidate.name === name);
    if (link === undefined) {
      const names = links.map(candidate => candidate.name).join(' ');
      throw new ConfigError(`${hostName} has no interface "${name}"; it has: ${names}`, {code: 'USAGE'});
    }

    return link;
  }

  #hostsOf(role: Role): readonly Host[] {
    return this.#plan.hosts.filter(host => host.role === role);
  }

  #home(hostName: string): string {
    return join(this.folder, hostName);
  }
}

/**
 * Reach a laboratory that exists.
 *
 * @throws WorldError NO_ANSWER if there is none of this name, or only its ruins
 */
export function openLab(name = 'default'): Lab {
  const description = readDescription(name);
  if (description?.isComplete !== true) {
    throw new WorldError(`there is no lab "${name}"; build it: npm run lab -- up --name ${name}`, {
      code: 'NO_ANSWER',
      endpoint: folderOf(name),
    });
  }

  return new Lab(description);
}
