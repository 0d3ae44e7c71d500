import type {HeardBy, Reply} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import {binCounts} from './bin-counts.ts';
import type {LastWords, StateHeard} from './last-words.ts';

type StatusAnswered = NonNullable<Reply<'admin.ask'>['status']>;

/** What stands for "never" where a message counts milliseconds of silence. */
export const never = 4_294_967_295;

const speakers = [
  {name: 'elector', topics: ['elector.view', 'elector.state']},
  {name: 'frame-forwarder', topics: ['forwarder.status']},
  {name: 'arp-announcer', topics: ['announcer.status']},
] as const satisfies readonly {name: string; topics: readonly HeardBy<'admin-broker'>[]}[];

/** The processes of a leveler that the broker hears, in the order of `taco status`. */
export type Speaker = (typeof speakers)[number]['name'];

/**
 * Put together what this leveler's processes said last. A process that is dead or was not heard yet costs its own
 * part and nothing else.
 *
 * @param software version of the broker itself
 */
export function collect(lastWords: LastWords, now: MonotonicMs, software: string): StatusAnswered {
  const stateHeard = lastWords['elector.state']?.message;
  const view = lastWords['elector.view']?.message;
  return {
    software,
    processes: [
      ...speakers.map(({name}) => ({name, silenceMs: silenceOf(lastWords, name, now)})),
      {name: 'admin-broker', silenceMs: 0},
    ],
    view: view && {...view, arpKeys: []}, // Secret
    forwarder: lastWords['forwarder.status']?.message,
    announcer: lastWords['announcer.status']?.message,
    ...(stateHeard === undefined ? {} : stateParts(stateHeard)),
  };
}

/** @returns whole milliseconds since the process said anything; `never` if it has not */
export function silenceOf(lastWords: LastWords, speaker: Speaker, now: MonotonicMs): number {
  const times = speakers.find(({name}) => name === speaker)?.topics.map(topic => lastWords[topic]?.at ?? -Infinity);
  const silence = now - Math.max(...(times ?? []));
  return Number.isFinite(silence) ? Math.max(0, Math.round(silence)) : never;
}

/** The state without what is large (tables), secret (the hash key, sealed keys) or of no use to people (outcomes). */
function stateParts({state, digest}: StateHeard): StatusAnswered {
  return {
    cluster: state.cluster,
    state: {
      cluster: state.cluster,
      version: state.version,
      members: state.members,
      groups: state.groups.map(({number, name}) => ({number, name})),
      servers: state.servers,
      services: state.services,
      nextServerNumber: state.nextServerNumber,
      keyRotation: state.keyRotation,
      keys: state.keys.map(({fingerprint, stage}) => ({fingerprint, stage})),
      outsiders: state.outsiders,
    },
    digest,
    bins: binCounts(state.groups),
  };
}
