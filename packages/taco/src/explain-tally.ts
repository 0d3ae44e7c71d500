import type {Batch} from './reasoner.ts';
import type {ExplainedDocument} from './schemas.ts';
import {formatCount} from './text.ts';
import type {Failed} from './verb.ts';

/** How many frames that differ are named. */
const mostNamed = 10;

/** What there is to say of many frames together. */
export class ExplainTally {
  frames = 0;
  readonly #reasons = new Map<string, number>();
  readonly #versions = new Set<string>();
  readonly #differing: number[] = [];
  #agreeing = 0;
  #cut = 0;
  #engine: string | null = null;
  #silence = '';
  readonly #silences = new Map<string, number>();

  addBatch({version, engine, silence}: Batch): void {
    this.#engine ??= engine;
    this.#silence ||= silence;
    if (version !== null) {
      this.#versions.add(version);
    }
  }

  add({n, verdict, reason, agree, cut, engine, engineSilentBecause}: ExplainedDocument): this {
    const way = verdict === null || verdict === 'forward' ? (verdict ?? 'cut') : `${verdict}, ${reason}`;
    this.frames++;
    this.#reasons.set(way, (this.#reasons.get(way) ?? 0) + 1);
    this.#engine ??= engine;
    this.#agreeing += agree === true ? 1 : 0;
    this.#cut += cut ? 1 : 0;
    if (engineSilentBecause !== null) {
      this.#silences.set(engineSilentBecause, (this.#silences.get(engineSilentBecause) ?? 0) + 1);
    }

    if (agree === false) {
      this.#differing.push(n);
    }

    return this;
  }

  /** Lines for people, below the frames. */
  print(): string {
    if (this.frames === 0) {
      return 'No frames.';
    }

    const ways = [...this.#reasons].sort(([, one], [, other]) => other - one);
    return [
      '',
      `${frameCount(this.frames)}${this.#versionWords()}`,
      ...ways.map(([way, count]) => `  ${formatCount(count).padStart(9)}  ${way}`),
      ...(this.#cut === 0 ? [] : [`${frameCount(this.#cut)} cut by the capture`]),
      ...this.#engineLines(),
    ].join('\n');
  }

  #engineLines(): string[] {
    return this.#engine === null
      ? [`not compared with an engine: ${this.#silence}`]
      : [
          `engine ${this.#engine} agrees on ${formatCount(this.#agreeing)} of ${frameCount(this.frames)}`,
          ...[...this.#silences].map(([why, count]) => `${frameCount(count)} not compared: ${why}`),
        ];
  }

  #versionWords(): string {
    const [first, ...others] = this.#versions;
    const last = others.at(-1);
    return first === undefined ? '' : `, by version ${first}${last === undefined ? '' : ` to ${last}`}`;
  }

  /** Cry out if the engine decides otherwise than the reference. */
  finish(writeNote: (line: string) => void): Failed | undefined {
    const [first] = this.#differing;
    if (first === undefined) {
      return undefined;
    }

    const named = this.#differing.slice(0, mostNamed).join(', ');
    const more = this.#differing.length > mostNamed ? ', …' : '';
    writeNote(
      `ENGINE AND REFERENCE DIFFER: engine ${this.#engine} decides otherwise on ${formatCount(this.#differing.length)} of ${frameCount(this.frames)}: ${named}${more}`,
    );
    writeNote('one of the two is wrong: keep these frames, and look at taco logs frame-forwarder');
    return {exit: 1};
  }
}

function frameCount(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'frame' : 'frames'}`;
}
