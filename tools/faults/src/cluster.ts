import {holderOf, isWhole, type Lab, statusWith} from '@tacoplex/lab';

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
