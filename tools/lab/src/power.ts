import {existsSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Cables} from './cables.ts';
import {Freezer, type FreezerPlace} from './freezer.ts';
import {inhabitantsOf, signalEach, waitUntilDead} from './inhabitants.ts';
import {forgetScript, hostScript, linkScript} from './network-scripts.ts';
import {canBeOff, type Host, type LabPlan, type Link} from './plan.ts';
import type {Shell} from './shell.ts';
import {waitFor} from './wait-for.ts';

/** What a power cut leaves is cleared away after so long: others have taken over, and what was measured is over. */
export const clearAfterMs = 1000;

/**
 * The power of a laboratory's hosts and their cables.
 *
 * A cut is one act of some microseconds that starts no process: a flag in a map stops all frames of a host, a word to its
 * cgroup all its processes. What is dead is cleared away later, so that nothing competes with those who take over.
 */
export class Power {
  readonly #plan: Pick<LabPlan, 'wireNamespace'>;
  readonly #shell: Shell;
  readonly #folder: string;
  readonly #place: FreezerPlace | undefined;
  readonly #cables: Cables;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #clearing = new Map<string, Promise<void>>();

  /** @param place undefined: processes are stopped one after the other */
  constructor(
    plan: Pick<LabPlan, 'wireNamespace'>,
    {shell, folder, place}: {shell: Shell; folder: string; place: FreezerPlace | undefined},
  ) {
    this.#plan = plan;
    this.#shell = shell;
    this.#folder = folder;
    this.#place = place;
    this.#cables = new Cables(folder);
  }

  /** Whether the power of a host was cut. */
  isOff({name}: Host): boolean {
    return existsSync(this.#offPath(name));
  }

  /** The words to put before what is to stop with a host. None while that stands still: it can be looked into. */
  enterWords(host: Host): string[] {
    const freezer = this.#freezerOf(host);
    return freezer === undefined || freezer.isFrozen ? [] : freezer.enterWords;
  }

  /**
   * Cut it. The frames first: whoever outlives that by microseconds is not heard.
   *
   * @returns when, CLOCK_MONOTONIC, ms
   */
  cut(host: Host): number {
    writeFileSync(this.#offPath(host.name), '');
    this.#cables.cutAll(host);
    const cutMs = monotonicMs();
    this.freeze(host);
    this.#forgetTimer(host.name);
    const clear = (): void => void this.clearAway(host).catch(() => {}); // Else before it is switched on again
    this.#timers.set(host.name, setTimeout(clear, clearAfterMs).unref());
    return cutMs;
  }

  /** Kill what a cut has stopped, take the links down and let the host forget its network. Nothing to do while it is on. */
  async clearAway(host: Host): Promise<void> {
    this.#forgetTimer(host.name);
    const clearing = this.#clearing.get(host.name) ?? this.#clear(host);
    this.#clearing.set(host.name, clearing);
    try {
      await clearing;
    } finally {
      this.#clearing.delete(host.name);
    }
  }

  /** Give a host its power and its cables back. What it runs is not started. */
  async restore(host: Host): Promise<void> {
    await this.clearAway(host);
    await this.#wire(linkScript(portsOf(host.links), 'up'));
    await this.#shell.script(host.namespace, hostScript(host));
    this.#cables.mendAll(host);
    rmSync(this.#offPath(host.name), {force: true});
  }

  /** Stop all processes of a host at once. @returns when, CLOCK_MONOTONIC, ms */
  freeze(host: Host): number {
    const freezer = this.#freezerOf(host);
    if (freezer === undefined) {
      signalEach(this.#inhabitants(host), 'SIGSTOP');
    } else {
      freezer.freeze();
    }
    return monotonicMs();
  }

  /** Let them run again. @returns when, CLOCK_MONOTONIC, ms */
  thaw(host: Host): number {
    const freezer = this.#freezerOf(host);
    if (freezer === undefined) {
      signalEach(this.#inhabitants(host), 'SIGCONT');
    } else {
      freezer.thaw();
    }
    return monotonicMs();
  }

  /** Pull one cable. Frames stop at once; the host sees soon after that there is no carrier. @returns when, as `cut` */
  async unplug(host: Host, link: Link): Promise<number> {
    this.#cables.cut(host, link);
    const cutMs = monotonicMs();
    await this.#wire(linkScript([link.port], 'down'));
    return cutMs;
  }

  async plugIn(host: Host, link: Link): Promise<void> {
    await this.#wire(linkScript([link.port], 'up'));
    this.#cables.mend(host, link);
  }

  /** Forget what waits to be cleared away: the laboratory goes. */
  close(): void {
    for (const name of [...this.#timers.keys()]) {
      this.#forgetTimer(name);
    }
    this.#cables.close();
  }

  async #clear(host: Host): Promise<void> {
    if (!this.isOff(host)) {
      return;
    }

    await this.#kill(host);
    await this.#wire(linkScript(portsOf(host.links), 'down'));
    await this.#shell.script(host.namespace, forgetScript(host.links.map(({name}) => name)));
  }

  async #kill(host: Host): Promise<void> {
    const freezer = this.#freezerOf(host);
    if (freezer !== undefined) {
      const what = `what ran on ${host.name} is dead`;
      await waitFor(() => freezer.kill() === 0, {timeoutMs: 5000, what, everyMs: 5});
    }

    const left = this.#inhabitants(host);
    signalEach(left, 'SIGKILL');
    await waitUntilDead(left, host.name);
  }

  #freezerOf({name, role}: Host): Freezer | undefined {
    return this.#place !== undefined && canBeOff(role) ? new Freezer(this.#place, name) : undefined;
  }

  #inhabitants({name, namespace}: Host): ReturnType<typeof inhabitantsOf> {
    return inhabitantsOf(join(this.#folder, name), namespace);
  }

  #forgetTimer(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  /** Beside the host's own folder, which it may write to. */
  #offPath(name: string): string {
    return join(this.#folder, `${name}.off`);
  }

  async #wire(script: string): Promise<void> {
    await this.#shell.script(this.#plan.wireNamespace, script);
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function portsOf(links: readonly Link[]): string[] {
  return links.map(({port}) => port);
}
