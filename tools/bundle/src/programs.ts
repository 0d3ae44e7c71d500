import {processUnits} from '@tacoplex/units';

/** A program of a leveler that starts from one file. */
export type Program = {
  /** Name of its package. */
  readonly name: string;
  /** Compiled modules that something starts: the program itself, and those of its threads. */
  readonly entries: readonly string[];
};

const threads: Readonly<Record<string, readonly string[]>> = {'frame-forwarder': ['bus-worker']};

/** Whatever starts often, or must start quickly: the processes of a leveler, and the command. */
export const programs: readonly Program[] = [...processUnits.map(({name}) => name), 'taco'].map(name => ({
  name,
  entries: ['main', ...(threads[name] ?? [])],
}));
