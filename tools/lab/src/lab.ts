import type {ChildProcess, SpawnOptions} from 'node:child_process';
import {join} from 'node:path';
import {ConfigError, WorldError} from '@tacoplex/errors';
import {addHosts, buildHosts, switchOn} from './build-hosts.ts';
import {type Capture, startCapture} from './capture.ts';
import {describeTroubles} from './describe-troubles.ts';
import {type Description, folderOf, readDescription, writeDescription} from './folder.ts';
import {hostEnvironment, initOf, lastWords} from './leveler-init.ts';
import {forgetScript, hostScript, linkScript} from './network-scripts.ts';
import {type Host, isBooted, type LabPlan, type Link, planLab, type Role} from './plan.ts';
import {
  innerPid,
  isAlive,
  nameProcesses,
  namespaceId,
  type ProcessName,
  processesIn,
  programOf,
  signalProcess,
} from './processes.ts';
import {type Ended, type RunOptions, run, start} from './run.ts';
import {intoNetwork, Shell} from './shell.ts';
import {askSupervisor, type Supervised} from './supervisor.ts';
import {tearDown} from './tear-down.ts';
import {Troublemaker} from './troublemaker.ts';
import {waitFor} from './wait-for.ts';
import {bigPagePath, startNginx} from './web-server.ts';

/** When it happened, CLOCK_MONOTONIC, ms: its processes died, and after that its cables were dead too. */
export type PowerCut = {readonly diedMs: number; readonly darkMs: number};

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
  #description: Description;
  #plan: LabPlan;

  constructor(description: Description, signal?: AbortSignal) {
    this.name = description.options.name;
    this.folder = folderOf(this.name);
    this.#shell = new Shell(this.name, signal);
    this.#description = description;
    this.#plan = planLab(description.options);
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

    const {role} = this.host(hostName);
    const variables = Object.entries(hostEnvironment(hostName, isBooted(role))).map(pair => pair.join('='));
    const into = isBooted(role) ? this.#intoLeveler(hostName) : intoNetwork(this.#namespaceOf(hostName));
    return [...into, 'env', ...variables];
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
   * Cut the power of a leveler or a server: all it ran is gone and its cables are dead. No goodbye.
   *
   * Cables go dead one by one, some milliseconds apart: a process that outlived the first would tell the others over
   * the second, which no power cut allows. So the processes die before.
   */
  async powerOff(hostName: string): Promise<PowerCut> {
    const {links, namespace} = this.host(hostName);
    const victims = this.#inhabitants(hostName);
    const diedMs = monotonicMs();
    for (const {pid} of victims) {
      signalProcess(pid, 'SIGKILL');
    }
    await this.#wire(linkScript(portsOf(links), 'down'));
    const darkMs = monotonicMs();
    await this.#shell.script(namespace, forgetScript(links.map(({name}) => name)));
    await waitUntilDead(victims, hostName);
    return {diedMs, darkMs};
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

    await this.#wire(linkScript(portsOf(host.links), 'up'));
    await this.#shell.script(host.namespace, hostScript(host));
    await switchOn(this.#shell, host, this.#description);
    if (isBooted(host.role) && isPatient) {
      await this.waitForProcesses(hostName);
    }
  }

  /** Whether a leveler has booted, or a server's nginx runs. Clients and routers are always on. */
  isOn(hostName: string): boolean {
    switch (this.host(hostName).role) {
      case 'leveler':
      case 'witness':
        return initOf(this.#home(hostName)) !== undefined;
      case 'server':
        return this.#nginxOf(hostName).length > 0;
      case 'client':
      case 'router':
        return true;
    }
  }

  /**
   * Take an interface down.
   *
   * @param side `host`: as its administrator would, `ip link set … down`; `wire`: as if the cable was pulled
   */
  async linkDown(hostName: string, name: string, side: 'host' | 'wire' = 'host'): Promise<void> {
    const {port} = this.#linkOf(hostName, name);
    await (side === 'host'
      ? this.#shell.script(this.host(hostName).namespace, linkScript([name], 'down'))
      : this.#wire(linkScript([port], 'down')));
  }

  /** Bring an interface back, from whichever side it was taken down, with the addresses and routes it had. */
  async linkUp(hostName: string, name: string): Promise<void> {
    const host = this.host(hostName);
    await this.#wire(linkScript([this.#linkOf(hostName, name).port], 'up'));
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
      await startNginx(this.#shell, this.folder, this.host(hostName));
    }
  }

  /** Kill a server's nginx at once: its kernel then refuses connections. */
  async stopServer(hostName: string): Promise<void> {
    const victims = this.#nginxOf(hostName);
    for (const {pid} of victims) {
      signalProcess(pid, 'SIGKILL');
    }
    await waitUntilDead(victims, hostName);
  }

  /** The processes of a leveler as its supervisord sees them; undefined while that does not answer. */
  async supervised(leveler: string): Promise<readonly Supervised[] | undefined> {
    const init = initOf(this.#home(leveler));
    return init === undefined ? undefined : askSupervisor(`/proc/${init}/root/run/tacoplex/supervisor.sock`);
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
   * Send a signal to what runs on a leveler: to its first process, its supervisord; to all others; or to all.
   * Nothing new can start between the first that is hit and the last, unless the first process is spared.
   */
  async signalAll(leveler: string, signal: NodeJS.Signals, who: 'init' | 'others' | 'all'): Promise<void> {
    const [init, ...others] = this.#inhabitants(leveler);
    const hit = who === 'others' ? others : who === 'all' ? [init, ...others] : [init];
    for (const one of hit) {
      if (one !== undefined) {
        signalProcess(one.pid, signal);
      }
    }
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

  /** What runs on a leveler or a server and ends with it, its first process first. */
  #inhabitants(hostName: string): ProcessName[] {
    const init = initOf(this.#home(hostName));
    if (init === undefined) {
      return this.#nginxOf(hostName);
    }

    const pids = processesIn('pid', new Set([namespaceId(`/proc/${init}/ns/pid`) ?? '']));
    return nameProcesses([init, ...pids.filter(pid => pid !== init)]);
  }

  #nginxOf(hostName: string): ProcessName[] {
    const id = namespaceId(`/run/netns/${this.host(hostName).namespace}`) ?? '';
    return nameProcesses(processesIn('net', new Set([id])).filter(pid => programOf(pid) === 'nginx'));
  }

  #namespaceOf(hostName: string): string {
    return hostName === 'wire' ? this.#plan.wireNamespace : this.host(hostName).namespace;
  }

  #intoLeveler(hostName: string): string[] {
    const init = initOf(this.#home(hostName));
    if (init === undefined) {
      const how = `npm run lab -- power on --name ${this.name} ${hostName}`;
      throw new WorldError(`${hostName} is switched off; switch it on: ${how}`, {
        code: 'NO_ANSWER',
        endpoint: hostName,
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

  async #wire(script: string): Promise<void> {
    await this.#shell.script(this.#plan.wireNamespace, script);
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

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function portsOf(links: readonly Link[]): string[] {
  return links.map(({port}) => port);
}

async function waitUntilDead(victims: readonly ProcessName[], hostName: string): Promise<void> {
  const what = `what ran on ${hostName} is dead`;
  await waitFor(() => !victims.some(isAlive), {timeoutMs: 5000, what, everyMs: 5});
}
