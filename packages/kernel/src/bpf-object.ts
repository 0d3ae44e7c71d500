import {BugError} from '@tacoplex/errors';
import {BpfMap} from './bpf-map.ts';
import {check, checkPointer} from './faults.ts';
import {libbpf, type Pointer} from './libbpf.ts';
import {readInfo} from './read-info.ts';

const logBytes = 256 * 1024;
const logStatistics = 4; // BPF_LOG_STATS

export type ObjectOptions = {
  /** Those to load; the others in the file are left out. */
  readonly programs: readonly string[];
  /** Entries of maps, by name, where the machine decides. */
  readonly entries?: Readonly<Record<string, number>>;
  /** Where maps are pinned, by name: adopted with what they hold if a map is there, else pinned there. */
  readonly pins?: Readonly<Record<string, string>>;
  /** What the constants of the program are: the bytes of its `.rodata`. */
  readonly constants?: Uint8Array;
  /** Have the verifier say what it took, in `Program.log`. */
  readonly wantsLog?: boolean;
};

export type Program = {
  readonly name: string;
  readonly descriptor: number;
  readonly id: number;
  /** Of the verifier; empty unless asked for. */
  readonly log: string;
};

/** Programs and maps of one object file, in the kernel. What is neither attached nor pinned goes with it. */
export class BpfObject {
  readonly #object: Pointer;
  readonly #programs: ReadonlyMap<string, Program>;
  #isOpen = true;

  /**
   * @param file what clang made
   * @throws WorldError PERMISSION_MISSING, or KERNEL_REFUSED with what the verifier said, or what a pinned map disagrees in
   */
  constructor(file: string, options: ObjectOptions) {
    const bpf = libbpf();
    this.#object = checkPointer(bpf.bpf_object__open_file(file, null), `open ${file}`);
    try {
      this.#prepare(options);
      const logs = this.#chooseProgramsToLoad(options);
      const verdict = bpf.bpf_object__load(this.#object);
      check(
        verdict,
        `load ${file}`,
        [...logs.values()].map(lastWords).find(words => words !== ''),
      );
      this.#programs = this.#findPrograms(logs, options.wantsLog ?? false);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  program(name: string): Program {
    const program = this.#programs.get(name);
    if (program === undefined) {
      throw new BugError(`the program ${name} was asked for when the object was opened`);
    }

    return program;
  }

  map(name: string): BpfMap {
    const bpf = libbpf();
    const map = this.#findMap(name);
    return new BpfMap({
      name,
      descriptor: bpf.bpf_map__fd(map),
      valueBytes: bpf.bpf_map__value_size(map),
      entries: bpf.bpf_map__max_entries(map),
    });
  }

  /** Harmless the second time. */
  close(): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      libbpf().bpf_object__close(this.#object);
    }
  }

  #prepare({entries = {}, pins = {}, constants}: ObjectOptions): void {
    const bpf = libbpf();
    for (const [name, count] of Object.entries(entries)) {
      check(bpf.bpf_map__set_max_entries(this.#findMap(name), count), `size map ${name}`);
    }

    for (const [name, path] of Object.entries(pins)) {
      check(bpf.bpf_map__set_pin_path(this.#findMap(name), path), `pin map ${name}`);
    }

    if (constants !== undefined) {
      const map = this.#findMap('.rodata');
      check(bpf.bpf_map__set_initial_value(map, constants, constants.length), 'set constants');
    }
  }

  /** @returns the buffer for each program's log */
  #chooseProgramsToLoad({programs, wantsLog = false}: ObjectOptions): Map<string, Buffer> {
    const bpf = libbpf();
    const logs = new Map<string, Buffer>();
    let program = bpf.bpf_object__next_program(this.#object, null);
    for (; program !== null; program = bpf.bpf_object__next_program(this.#object, program)) {
      const name = bpf.bpf_program__name(program);
      check(bpf.bpf_program__set_autoload(program, programs.includes(name)), `choose program ${name}`);
      if (programs.includes(name)) {
        const log = Buffer.alloc(logBytes);
        check(bpf.bpf_program__set_log_buf(program, log, log.length), `hear the verifier on ${name}`);
        check(bpf.bpf_program__set_log_level(program, wantsLog ? logStatistics : 0), `hear the verifier on ${name}`);
        logs.set(name, log);
      }
    }

    return logs;
  }

  #findPrograms(logs: ReadonlyMap<string, Buffer>, wantsLog: boolean): Map<string, Program> {
    const bpf = libbpf();
    return new Map(
      [...logs].map(([name, log]) => {
        const pointer = checkPointer(bpf.bpf_object__find_program_by_name(this.#object, name), `find program ${name}`);
        const descriptor = bpf.bpf_program__fd(pointer);
        const {id} = readInfo(descriptor, `program ${name}`);
        return [name, {name, descriptor, id, log: wantsLog ? textOf(log) : ''}];
      }),
    );
  }

  #findMap(name: string): Pointer {
    return checkPointer(libbpf().bpf_object__find_map_by_name(this.#object, name), `find map ${name}`);
  }
}

function textOf(log: Buffer): string {
  return log.toString('latin1', 0, Math.max(0, log.indexOf(0))).trim();
}

/** The verifier's reason stands in the line before its statistics. */
function lastWords(log: Buffer): string {
  const lines = textOf(log)
    .split('\n')
    .filter(line => !line.startsWith('processed '));
  return lines.slice(-2).join(' ').trim();
}
