import {type Config, snoopedGroup} from '@tacoplex/config';
import {findUnmet, readFacts} from '@tacoplex/links';
import type {Log} from '@tacoplex/log';
import type {Nets} from './check-machine.ts';

/** Say what of docs/requirements.md this machine does not meet. @returns how many are musts */
export async function inspectMachine(config: Config, {a, b}: Nets, log: Log): Promise<number> {
  const {gateways} = config.netB;
  const task = {netA: a.name, netB: b.name, gateways, snoopedGroup: snoopedGroup(config)};
  const unmet = findUnmet(task, readFacts());
  for (const {name, weight, what, mend} of unmet) {
    log[weight === 'must' ? 'error' : 'warn']('requirement not met', {name, reason: what, type: mend});
  }

  return unmet.filter(({weight}) => weight === 'must').length;
}
