/** What a command and all that it started have used. */
export interface Usage {
  /** CPU seconds of ordinary and real-time threads; undefined where nobody counts them. */
  readonly cpuS: number | undefined;
  /** Periods in which it ran, and how many of them it spent its budget in. */
  readonly periods: number;
  readonly throttledPeriods: number;
}

/**
 * @param stat text of `cpu.stat`
 * @param cpuacct text of `cpuacct.usage`, in nanoseconds; version 2 says it in `cpu.stat`
 */
export function parseUsage(stat: string, cpuacct: string | undefined): Usage {
  const values = new Map(stat.split('\n').map(line => line.split(' ') as [string, string]));
  const usageUs = values.get('usage_usec');
  return {
    cpuS: cpuacct !== undefined ? Number(cpuacct) / 1e9 : usageUs !== undefined ? Number(usageUs) / 1e6 : undefined,
    periods: Number(values.get('nr_periods') ?? 0),
    throttledPeriods: Number(values.get('nr_throttled') ?? 0),
  };
}

/**
 * One line for people, such as
 * `5.02 CPU seconds in 10.10 s: 0.50 CPUs, of 0.5 on CPU 1; throttled in 80 % of 1010 periods`.
 */
export function writeUsage(
  {cpuS, periods, throttledPeriods}: Usage,
  {cpus, cpuNumbers}: {readonly cpus: number; readonly cpuNumbers: readonly number[]},
  elapsedS: number,
): string {
  const percent = periods > 0 ? Math.round((100 * throttledPeriods) / periods) : 0;
  const used =
    cpuS === undefined
      ? `${elapsedS.toFixed(2)} s`
      : `${cpuS.toFixed(2)} CPU seconds in ${elapsedS.toFixed(2)} s: ${(cpuS / elapsedS).toFixed(2)} CPUs`;
  const where = `CPU${cpuNumbers.length > 1 ? 's' : ''} ${cpuNumbers.join(', ')}`;
  return `${used}, of ${cpus} on ${where}; throttled in ${percent} % of ${periods} periods`;
}
