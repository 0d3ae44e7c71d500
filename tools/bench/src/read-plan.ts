import {ConfigError} from '@tacoplex/errors';

/** Read `--runs`. @returns undefined: not given. @throws ConfigError USAGE */
export function readRuns(runs: string | undefined): number | undefined {
  if (runs !== undefined && !/^[1-9]\d{0,3}$/.test(runs)) {
    throw new ConfigError(`--runs: a whole number 1..9999, not "${runs}"`, {code: 'USAGE'});
  }

  return runs === undefined ? undefined : Number(runs);
}

/**
 * Read an option that names some of what there is, with commas between them.
 *
 * @param option its name, such as `cases`
 * @returns undefined: not given
 * @throws ConfigError USAGE with what there is
 */
export function readNames(
  option: string,
  names: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  const wanted = names?.split(',');
  const unknown = wanted?.find(name => !known.includes(name));
  if (unknown !== undefined) {
    const one = option.slice(0, -1);
    throw new ConfigError(`--${option}: no ${one} "${unknown}"; there are: ${known.join(' ')}`, {code: 'USAGE'});
  }

  return wanted;
}
