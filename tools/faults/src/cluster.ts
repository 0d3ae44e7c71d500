import {holderOf, isWhole, readStatus, type Status} from '@tacoplex/demo';
import {type Lab, waitFor} from '@tacoplex/lab';

/** As one leveler sees the cluster, once `find` finds what it looks for in it. */
export async function statusWith<Value>(
  lab: Lab,
  leveler: string,
  what: string,
  find: (status: Status) => Value | false | undefined,
): Promise<Exclude<Value, false | undefined>> {
  const look = async (): Promise<Value | false | undefined> => {
    const status = await readStatus(lab, leveler);
    return status === undefined ? undefined : find(status);
  };
  return waitFor(look, {timeoutMs: 30_000, what: `${leveler}: ${what}`, everyMs: 100});
}

/** Wait until every leveler that is switched on sees all of them live, with one state. */
export async function untilWhole(lab: Lab): Promise<void> {
  const levelers = lab.levelers.map(({name}) => name).filter(name => lab.isOn(name));
  await Promise.all(
    levelers.map(async leveler =>
      statusWith(lab, leveler, 'the cluster is whole', status => isWhole(status, levelers)),
    ),
  );
}

/** The leveler that holds the first LevIP, as `leveler` sees it. */
export async function findHolder(lab: Lab, leveler = 'leveler0'): Promise<string> {
  return statusWith(lab, leveler, 'somebody holds the LevIP', holderOf);
}
