import type {Operation} from './command.ts';
import {isName} from './rules.ts';
import type {ClusterState} from './state.ts';

/** A state after a change, and the change in sentences. */
export type Change = {readonly state: ClusterState; readonly changes: readonly string[]};

/** Why nothing changes, and what to type next. A value, not an error. */
export class Refusal {
  readonly refusal: string;
  readonly advice: string;

  constructor(refusal: string, advice: string) {
    this.refusal = refusal;
    this.advice = advice;
  }
}

/** The part of a command that is for one kind of operation. */
export type For<Kind extends Operation['kind']> = Operation & {readonly kind: Kind};

/** @param what what should have the name, such as `server` */
export function checkName(what: string, name: string): Refusal | undefined {
  return isName(name)
    ? undefined
    : new Refusal(
        `"${name}" is no name of a ${what}`,
        'a name is 1 to 63 of a-z, 0-9, dot and hyphen, and begins with a letter or digit',
      );
}

/** `1 bin`, `2 bins`. */
export function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`;
}
