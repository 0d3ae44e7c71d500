import type {Lab} from './lab.ts';
import {isBooted} from './plan.ts';
import type {Supervised} from './supervisor.ts';

/** A process that has run for longer has had time for whatever is waited for. */
const youngS = 60;

/** What does not run in a laboratory, or has not for long, in words: none, if all is well. */
export async function describeTroubles(lab: Lab): Promise<string[]> {
  const booted = lab.plan.hosts.filter(({role}) => isBooted(role)).map(({name}) => name);
  const troubles = booted.map(async name =>
    lab.isOn(name) ? describeSupervised(name, await lab.supervised(name)) : [`${name} is switched off`],
  );
  return (await Promise.all(troubles)).flat();
}

/** @param supervised undefined: its supervisord does not answer */
export function describeSupervised(leveler: string, supervised: readonly Supervised[] | undefined): string[] {
  if (supervised === undefined) {
    return [`the supervisord of ${leveler} does not answer`];
  }

  return supervised.flatMap(({name, state, upS}) => {
    if (state !== 'RUNNING') {
      return [`${name} of ${leveler} is ${state}`];
    }

    return upS < youngS ? [`${name} of ${leveler} started ${upS} s ago`] : [];
  });
}
