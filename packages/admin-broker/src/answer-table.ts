import type {Reply} from '@tacoplex/messages';
import type {StateHeard} from './last-words.ts';

/**
 * The bin tables and the servers in them.
 *
 * @param groupName '' for every group
 */
export function answerTable(heard: StateHeard | undefined, groupName: string): Reply<'admin.ask'> {
  if (heard === undefined) {
    return {refusal: 'this leveler has no cluster state yet', advice: 'taco status says what it waits for'};
  }

  const {state} = heard;
  const groups = state.groups.filter(({name}) => groupName === '' || name === groupName);
  if (groupName !== '' && groups.length === 0) {
    return {refusal: `there is no group ${groupName}`, advice: 'taco group list shows the groups there are'};
  }

  const numbers = new Set(groups.map(({number}) => number));
  return {table: {version: state.version, groups, servers: state.servers.filter(({group}) => numbers.has(group))}};
}
