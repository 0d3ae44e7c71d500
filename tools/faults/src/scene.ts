import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {
  type ClusterStatus,
  holderOf,
  type Lab,
  readStatus,
  statusWith,
  type Troublemaker,
  waitFor,
} from '@tacoplex/lab';

/** A whole number from 0 to `below` - 1. */
type Draw = (below: number) => number;

/** A line of a log, and when it was written. */
export type LogLine = {readonly atMs: number; readonly text: string};

/** Where a fault is played: a cluster that is whole, under load. */
export class Scene {
  readonly lab: Lab;
  readonly trouble: Troublemaker;
  /** From the run's seed: all that is left to chance. */
  readonly draw: Draw;
  /** In a hurry: what lasts a minute lasts some seconds. */
  readonly isShort: boolean;
  /** How long what is there to last lasts, if there is no hurry. */
  readonly minutes: number;
  /** As it was when the run began. */
  readonly leader: string;
  readonly holder: string;
  readonly #signal: AbortSignal | undefined;

  constructor(parts: {
    lab: Lab;
    trouble: Troublemaker;
    draw: Draw;
    isShort: boolean;
    minutes: number;
    signal: AbortSignal | undefined;
    leader: string;
    holder: string;
  }) {
    this.lab = parts.lab;
    this.trouble = parts.trouble;
    this.draw = parts.draw;
    this.isShort = parts.isShort;
    this.minutes = parts.minutes;
    this.#signal = parts.signal;
    this.leader = parts.leader;
    this.holder = parts.holder;
  }

  get levelers(): string[] {
    return this.lab.levelers.map(({name}) => name);
  }

  /** The levelers but for some. */
  others(...but: readonly string[]): string[] {
    return this.levelers.filter(name => !but.includes(name));
  }

  /** One of some, drawn. */
  pick(names: readonly string[]): string {
    return names[this.draw(names.length)] ?? '';
  }

  /** @throws AbortError if somebody wants the run to end */
  async pause(ms: number): Promise<void> {
    await pause(ms, undefined, this.#signal && {signal: this.#signal});
  }

  async status(leveler: string): Promise<ClusterStatus | undefined> {
    return readStatus(this.lab, leveler);
  }

  /** Who holds the first LevIP as a leveler sees it. */
  async holderSeenBy(leveler: string): Promise<string | undefined> {
    const status = await this.status(leveler);
    return status && holderOf(status);
  }

  /** Wait until a leveler says that another than `former` holds the first LevIP. @returns who */
  async nextHolder(witness: string, former: string): Promise<string> {
    return statusWith(this.lab, witness, `another than ${former} holds the LevIP`, status => {
      const now = holderOf(status);
      return now !== former && now;
    });
  }

  /** What a leveler's process has logged since then, oldest first. */
  log(leveler: string, processName: string, sinceMs: number): LogLine[] {
    return readFileSync(this.lab.logFile(leveler, processName), 'utf8')
      .split('\n')
      .map(line => ({atMs: Date.parse(line.split(' ')[0] ?? ''), text: line.slice(line.indexOf(' ') + 1)}))
      .filter(({atMs}) => atMs >= sinceMs);
  }

  /** Whom a leveler has taken for dead since then, a line of its log for each time. */
  silences(leveler: string, sinceMs: number): string[] {
    return this.log(leveler, 'elector', sinceMs)
      .map(({text}) => text)
      .filter(text => text.includes('leveler silent'));
  }

  /**
   * Wait until one of some levelers has logged a line since then.
   *
   * @returns when, and who
   */
  async logged(
    levelers: readonly string[],
    processName: string,
    pattern: RegExp,
    sinceMs: number,
    timeoutMs?: number,
  ): Promise<LogLine & {readonly leveler: string}> {
    const look = (): (LogLine & {leveler: string}) | undefined => {
      const found = levelers.flatMap(leveler =>
        this.log(leveler, processName, sinceMs)
          .filter(({text}) => pattern.test(text))
          .map(line => ({...line, leveler})),
      );
      return found.sort((one, other) => one.atMs - other.atMs)[0];
    };
    const lastLine = (leveler: string): string => this.log(leveler, processName, sinceMs).at(-1)?.text ?? 'nothing';
    return waitFor(look, {
      timeoutMs,
      what: `${levelers.join(' or ')}: ${processName} says ${pattern}`,
      everyMs: 25,
      seen: () => levelers.map(leveler => `that of ${leveler} last said: ${lastLine(leveler)}`).join('; '),
    });
  }

  /** Wait until some leveler leads. @returns who, and how long after `sinceMs`, by its own log */
  async nextLeader(levelers: readonly string[], sinceMs: number): Promise<{leader: string; afterMs: number}> {
    const {leveler, atMs} = await this.logged(levelers, 'elector', /role changed role=leader/, sinceMs);
    return {leader: leveler, afterMs: atMs - sinceMs};
  }
}
