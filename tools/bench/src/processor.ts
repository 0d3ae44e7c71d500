import {readdirSync, readFileSync} from 'node:fs';
import {constants, setPriority} from 'node:os';
import {WorldError} from '@tacoplex/errors';
import koffi from 'koffi';

const maskBytes = 128; // cpu_set_t
const thisThread = 3; // CLOCK_THREAD_CPUTIME_ID

type Libc = {
  sched_getaffinity(thread: number, bytes: number, mask: Uint8Array): number;
  sched_setaffinity(thread: number, bytes: number, mask: Uint8Array): number;
  clock_gettime(clock: number, time: BigInt64Array): number;
};

/** The main thread on one CPU, before others that want it. Other threads of the process stay where they are. */
export class Processor {
  /** The last of those this process may run on: the first has more interrupts to serve. */
  readonly number: number;
  readonly #libc: Libc;
  readonly #before = new Uint8Array(maskBytes);
  readonly #helper: string | undefined;

  /** @throws WorldError PERMISSION_MISSING */
  constructor() {
    const library = koffi.load('libc.so.6');
    this.#libc = {
      sched_getaffinity: library.func('int sched_getaffinity(int, size_t, _Out_ uint8_t *)'),
      sched_setaffinity: library.func('int sched_setaffinity(int, size_t, const void *)'),
      clock_gettime: library.func('int clock_gettime(int, _Out_ void *)'),
    } as unknown as Libc;
    this.#libc.sched_getaffinity(0, maskBytes, this.#before);
    this.number = highestBit(this.#before);
    const only = new Uint8Array(maskBytes);
    only[this.number >> 3] = 1 << (this.number & 7);
    this.#set(only);
    this.#helper = findHelper(this.number);
    setPriority(constants.priority.PRIORITY_HIGHEST);
  }

  /**
   * Time this CPU has worked for this thread, ns: the thread itself, interrupts it was hit by, and the kernel's thread that
   * takes over when these become too many. Whatever else the CPU did meanwhile is not in it.
   */
  workedNs(): number {
    const time = new BigInt64Array(2);
    this.#libc.clock_gettime(thisThread, time);
    return Number((time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n)) + this.#helperNs();
  }

  release(): void {
    setPriority(constants.priority.PRIORITY_NORMAL);
    this.#set(this.#before);
  }

  #helperNs(): number {
    return this.#helper === undefined ? 0 : Number.parseInt(readFileSync(this.#helper, 'utf8'), 10);
  }

  #set(mask: Uint8Array): void {
    if (this.#libc.sched_setaffinity(0, maskBytes, mask) !== 0) {
      throw new WorldError('cannot stay on one CPU', {code: 'PERMISSION_MISSING', capability: 'CAP_SYS_NICE'});
    }
  }
}

function highestBit(mask: Uint8Array): number {
  const byte = mask.findLastIndex(bits => bits !== 0);
  return 8 * byte + 31 - Math.clz32(mask[byte] ?? 1);
}

/** @returns where to read how long ksoftirqd has run; undefined in a container that does not see the kernel's threads */
function findHelper(cpu: number): string | undefined {
  const pid = readdirSync('/proc').find(name => /^\d+$/.test(name) && readCommand(name) === `ksoftirqd/${cpu}`);
  return pid === undefined ? undefined : `/proc/${pid}/schedstat`;
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return ''; // It has just ended
  }
}
