import {ConfigError} from '@tacoplex/errors';

/** How much a command may use. */
export interface Quota {
  /** CPU seconds a second, 0.05 to the number of CPUs. */
  readonly cpus: number;
  /** The CPUs that the command may run on: as few as the quota takes, unless others were asked for. */
  readonly cpuNumbers: readonly number[];
  /** After so long a budget that is used up is new, in microseconds. */
  readonly periodUs: number;
}

export const leastCpus = 0.05;

/**
 * A command that has used up its budget is frozen until the next period begins. 100 ms, the kernel's default, would freeze a
 * whole cluster for up to 50 ms at a time, as no slow machine does, and as every leveler's timers would notice. 10 ms keeps
 * that to what a busy machine's scheduler does to a process anyway.
 */
const usualPeriodUs = 10_000;

/** The kernel takes no budget below a millisecond. */
const leastBudgetUs = 1000;

/**
 * The CPU numbers that the kernel lists, such as `0-2,5`, one by one.
 */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter(part => part !== '')
    .flatMap(part => {
      const [first, last = first] = part.split('-').map(Number) as [number, number?];
      return Array.from({length: last - first + 1}, (_, index) => first + index);
    });
}

/**
 * @param text a decimal number of CPUs, such as `0.5`
 * @param allowed the CPUs that this process may run on
 * @param width on how many of them the command may run; without: as few as the quota takes
 * @returns the quota, on the last ones of them: the first ones have most interrupts to serve
 * @throws ConfigError USAGE with what belongs there
 */
export function parseQuota(text: string, allowed: readonly number[], width?: number): Quota {
  const cpus = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(cpus >= leastCpus && cpus <= allowed.length)) {
    throw misused(`${text}: QUOTA is a number of CPUs from ${leastCpus} to ${allowed.length}, such as 0.5`);
  }

  const least = Math.ceil(cpus);
  if (width !== undefined && (width < least || width > allowed.length)) {
    throw misused(`--cpus ${width}: a quota of ${text} runs on ${least} to ${allowed.length} of this machine's CPUs`);
  }

  const cpuNumbers = allowed.slice(-(width ?? least));
  return {cpus, cpuNumbers, periodUs: Math.max(usualPeriodUs, Math.ceil(leastBudgetUs / cpus))};
}

function misused(message: string): ConfigError {
  return new ConfigError(message, {code: 'USAGE'});
}
