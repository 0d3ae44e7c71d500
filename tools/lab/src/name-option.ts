import {Option} from 'commander';
import {defaultOptions} from './plan.ts';

/** Every command on a laboratory says which. */
export function nameOption(): Option {
  return new Option('--name <name>', 'which lab').default(defaultOptions.name);
}
