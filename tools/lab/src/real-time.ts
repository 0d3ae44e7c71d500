/**
 * The words that start a program of ours before all else on this machine: in the world it would run on another one.
 *
 * Its garbage is collected by one thread. V8's helpers would have the same priority, and on a machine with one processor they never
 * run while the thread that waits for them asks again and again whether they are done: the program, and nothing else, runs for ever.
 *
 * @param priority of SCHED_FIFO, 1..99, see sched(7); those of levelers are below 20
 * @param program a compiled module
 */
export function inRealTime(priority: number, program: string, words: readonly string[]): string[] {
  return ['chrt', '--fifo', String(priority), process.execPath, '--single-threaded-gc', program, ...words];
}
