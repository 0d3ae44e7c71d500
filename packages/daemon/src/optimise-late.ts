import {setFlagsFromString} from 'node:v8';

/** As V8 has it unless told otherwise: the largest function that it optimises. */
const optimisedBytes = 61_440;

/** Bytes of bytecode that a function runs before V8 thinks of optimising it: 1,500 times as many as by default. */
const budgetBytes = 200_000_000;

/**
 * Have V8 optimise only what runs a lot, such as a frame loop. A process that is idle most of the time gains nothing by it: its caches are
 * cold whenever it is woken; and the optimiser costs a seventh of its first minutes, and 4 MiB of memory from its first use on. So
 * processes are started with `--max-optimized-bytecode-size=0`, which switches it off while they are loaded, and switch it on here.
 *
 * V8 knows the budget up to version 11, which is Node 20's; later ones count otherwise and are left as they are.
 */
export function optimiseLate(): void {
  setFlagsFromString(`--max-optimized-bytecode-size=${optimisedBytes}`);
  const [major = '0'] = process.versions.v8.split('.');
  if (Number(major) <= 11) {
    setFlagsFromString(`--interrupt-budget=${budgetBytes}`);
  }
}
