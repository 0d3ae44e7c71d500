import type {ClusterStatus, LevelerStatus} from './cluster-status.ts';

/** A process that runs speaks each second at least. */
const processSilentMs = 2000;

/**
 * A status in a line, for the error of a wait that ran out: who leads and holds, and all that is not as it is in a
 * cluster that is whole.
 */
export function describeStatus(status: ClusterStatus): string {
  return [
    ...leading(status),
    ...status.levelers.filter(({state}) => state !== 'live').map(describeAbsent),
    ...status.levelers.flatMap(leveler => describeHeard(leveler, status)),
    ...states(status),
    ...holding(status),
    ...dataPath(status),
    ...status.processes.flatMap(describeSilent),
    ...joined(
      status.servers.filter(({mac}) => mac === null).map(({name}) => name),
      names => `no answer to ARP from ${names}`,
    ),
  ].join('; ');
}

function leading({leader, term, version, standing}: ClusterStatus): string[] {
  return [
    leader === null ? 'nobody leads' : `${leader} leads in term ${term}`,
    version === null ? 'no cluster state yet' : `version ${version}`,
    ...(['whole', 'reduced'].includes(standing.state) ? [] : [`standing: ${standing.state}`]),
  ];
}

function describeAbsent({name, state, silenceMs}: LevelerStatus): string {
  return `${name} is ${state}, ${silenceMs === null ? 'never heard' : `last heard ${seconds(silenceMs)} ago`}`;
}

/** Who hears a leveler and who does not, unless all that tell do so on both nets. */
function describeHeard({name, member}: LevelerStatus, {levelers}: ClusterStatus): string[] {
  const hearing = (nets: readonly string[]): string[] =>
    levelers
      .filter(other => other.hears.some(({leveler, on}) => leveler === name && on !== null && nets.includes(on)))
      .map(other => other.name);
  const deaf = [
    ...joined(hearing(['a']), names => `by ${names} on net A only`),
    ...joined(hearing(['b']), names => `by ${names} on net B only`),
    ...joined(hearing(['none']), names => `not by ${names}`),
  ];
  return deaf.length === 0 || !member
    ? []
    : [`${name} is heard ${[...joined(hearing(['both']), names => `by ${names}`), ...deaf].join(', ')}`];
}

/** Levelers that are heard and follow another state. */
function states({digest, levelers}: ClusterStatus): string[] {
  return levelers
    .filter(leveler => leveler.state === 'live' && leveler.digest !== digest)
    .map(
      ({name, version}) => `${name} ${version === null ? 'has no state' : `has another state, of version ${version}`}`,
    );
}

function holding({addresses}: ClusterStatus): string[] {
  const holders = [...new Set(addresses.map(({holder}) => holder))];
  return holders.map(holder => {
    const held = addresses.filter(other => other.holder === holder).map(({address}) => address);
    return `${holder ?? 'nobody'} holds ${list(held)}`;
  });
}

function dataPath({engine, digest}: ClusterStatus): string[] {
  if (engine === null) {
    return ['its frame-forwarder was not heard'];
  }

  return [
    ...(engine.haltedBecause === null ? [] : [`its ${engine.name} engine is halted: ${engine.haltedBecause}`]),
    ...(engine.digest === digest
      ? []
      : [
          `its data path follows ${engine.version === null ? 'no state' : `another state, of version ${engine.version}`}`,
        ]),
  ];
}

function describeSilent({name, silenceMs}: ClusterStatus['processes'][number]): string[] {
  if (silenceMs === null) {
    return [`its ${name} was never heard`];
  }

  return silenceMs > processSilentMs ? [`its ${name} is silent for ${seconds(silenceMs)}`] : [];
}

function joined(names: readonly string[], say: (names: string) => string): string[] {
  return names.length === 0 ? [] : [say(list(names))];
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A time in seconds, `0.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
