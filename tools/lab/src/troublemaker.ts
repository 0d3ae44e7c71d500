import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createInterface, type Interface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import type {LabPlan} from './plan.ts';
import {exitCode, start} from './run.ts';
import {planTrouble, type Trouble} from './trouble.ts';
import {sumCounts, type TroubleCount} from './trouble-layout.ts';

/** What `tools/build-bpf.sh` makes of `bpf/trouble.bpf.c`. */
const programFile = fileURLToPath(new URL('../bpf/trouble.bpf.o', import.meta.url));
const processFile = fileURLToPath(new URL('./trouble-main.js', import.meta.url));

/** As the config has it unless told otherwise; no laboratory tells otherwise. */
const clusterPort = 7848;

/** Makes trouble on the wires of a laboratory, all of it at once, until it is told otherwise or ends. */
export class Troublemaker {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #plan: LabPlan;

  private constructor(child: ChildProcess, lines: Interface, plan: LabPlan) {
    this.#child = child;
    this.#lines = lines;
    this.#plan = plan;
  }

  /**
   * Get ready: nothing happens yet.
   *
   * @param into the words that lead into the namespace of the wires
   * @throws WorldError COMMAND_FAILED with what the kernel said
   */
  static async start(into: readonly string[], plan: LabPlan): Promise<Troublemaker> {
    const ports = plan.hosts.flatMap(({links}) => links.map(({port}) => port));
    const child = start([...into, process.execPath, processFile, programFile, ...ports], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.stdin?.on('error', () => {}); // Seen as its end
    const lines = createInterface({input: child.stdout!});
    const ended = exitCode(child).then(() => {
      throw new WorldError(`no trouble can be made: ${/Error: (.*)/.exec(complaint)?.[1] ?? complaint.trim()}`, {
        code: 'COMMAND_FAILED',
        command: 'trouble-main',
      });
    });
    ended.catch(() => {});
    await Promise.race([once(lines, 'line'), ended]);
    return new Troublemaker(child, lines, plan);
  }

  /**
   * From now on this, and nothing else. No frame meets a part of it.
   *
   * @param seed the same frames in the same order meet the same
   * @returns what came of the time before, all hosts together
   * @throws ConfigError USAGE as `planTrouble`
   */
  async make(troubles: readonly Trouble[], seed = 1): Promise<TroubleCount> {
    const rules = planTrouble(this.#plan, troubles);
    const answer = once(this.#lines, 'line');
    this.#child.stdin?.write(`${JSON.stringify({seed, clusterPort, rules})}\n`);
    const [line] = (await answer) as [string];
    return sumCounts((JSON.parse(line) as {readonly counts: TroubleCount[]}).counts);
  }

  /** End it, and all trouble. Frames that wait are lost. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.stdin?.end();
      await once(this.#child, 'exit');
    }
  }
}
