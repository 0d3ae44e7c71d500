import {endianness} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';
import {check} from './faults.ts';
import {koffi} from './koffi.ts';
import {libbpf} from './libbpf.ts';

const bootTime = 7; // CLOCK_BOOTTIME
const membarrierNumbers: Readonly<Record<string, number>> = {x64: 324, arm64: 283};
const waitForAll = 1; // MEMBARRIER_CMD_GLOBAL
const longestProgramMs = 1000;
const pollIn = 1; // POLLIN
const isLittleEndian = endianness() === 'LE';

type Libc = {
  clock_gettime(clock: number, time: BigInt64Array): number;
  poll: {
    async(entries: Uint8Array, count: number, timeoutMs: number, done: (error: unknown, result: number) => void): void;
  };
  syscall: {
    async(number: number, command: number, flags: number, done: (error: unknown, result: number) => void): void;
  };
};

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      clock_gettime: library.func('int clock_gettime(int, void *)'),
      poll: library.func('int poll(void *, unsigned long, int)'),
      syscall: library.func('long syscall(long, int, int)'),
    } as unknown as Libc;
  }

  return libc;
}

/** CPUs this machine may ever have: numbers of CPUs are below it. */
export function countPossibleCpus(): number {
  return check(libbpf().libbpf_num_possible_cpus(), 'count CPUs');
}

/** CLOCK_BOOTTIME: goes on while the machine sleeps. Programs read it by bpf_ktime_get_boot_ns. */
export function bootTimeNs(): bigint {
  const time = new BigInt64Array(2);
  check(loadLibc().clock_gettime(bootTime, time), 'read the clock');
  return (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
}

/**
 * Resolves when every program run that is under way now has ended: afterwards nobody reads what was out of use before.
 * The kernel's membarrier waits for an RCU grace period, some 10 ms. Where it may not (CPUs without ticks) a second is
 * waited instead, far more than any program runs.
 */
export async function waitForPrograms(): Promise<void> {
  const number = membarrierNumbers[process.arch];
  if (number === undefined || (await membarrier(number)) !== 0) {
    await wait(longestProgramMs);
  }
}

/**
 * Resolves when there is something to read, or after `timeoutMs`. Takes a thread of Node's pool meanwhile, and a process that exits waits for
 * it: a caller that waits for long waits again and again.
 */
export async function waitReadable(descriptor: number, timeoutMs: number): Promise<void> {
  const entry = new Uint8Array(8); // struct pollfd
  const view = new DataView(entry.buffer);
  view.setInt32(0, descriptor, isLittleEndian);
  view.setInt16(4, pollIn, isLittleEndian);
  await new Promise<void>(resolve => {
    loadLibc().poll.async(entry, 1, timeoutMs, () => resolve());
  });
}

async function membarrier(number: number): Promise<number> {
  return new Promise(resolve => {
    loadLibc().syscall.async(number, waitForAll, 0, (error, result) => resolve(error === null ? Number(result) : -1));
  });
}
