import {joinNames} from './join-names.ts';
import {findNetFaults} from './net-faults.ts';
import {isPresent} from './presence.ts';
import type {LevelerDocument, StatusDocument, VerifyDocument} from './schemas.ts';

export type Check = VerifyDocument['checks'][number];

/** Members that can be compared: the others are told by the check `reachable`. */
type Compared = readonly LevelerDocument[];

/** What must be equal on all levelers. */
type Alike = {
  readonly check: Check['check'];
  readonly thing: string;
  readonly readValue: (leveler: LevelerDocument) => string | null;
  readonly advice: (others: string) => string;
};

const alike: readonly Alike[] = [
  {
    check: 'version',
    thing: 'version of the cluster state',
    readValue: ({version}) => version,
    advice: others => `on ${others}: taco logs elector, taco logs frame-forwarder`,
  },
  {
    check: 'digest',
    thing: 'digest of the cluster state',
    readValue: ({digest}) => digest,
    advice: others => `on ${others}: taco logs elector; a restarted elector fetches the state again`,
  },
  {
    check: 'config',
    thing: 'digest of the config',
    readValue: ({configDigest}) => configDigest,
    advice: others => `make /etc/tacoplex/taco.toml the same on ${others}, and restart what runs there`,
  },
  {
    check: 'software',
    thing: 'version of the software',
    readValue: ({software}) => software,
    advice: others => `install the same version on ${others}`,
  },
  {
    check: 'keys',
    thing: 'key that signs',
    readValue: ({keys}) => formatKeys(keys),
    advice: others => `taco key list says what ${others} lacks, and what to type`,
  },
];

/** The one that signs, and what else is believed. */
function formatKeys(keys: LevelerDocument['keys']): string | null {
  const others = keys?.accepts.filter(id => id !== keys.sends).sort() ?? [];
  return keys === null ? null : `${keys.sends}${others.length === 0 ? '' : ` (also believes ${others.join(', ')})`}`;
}

/** Whether the levelers are one cluster: one line for each thing that must hold. No clock of any of them counts. */
export function checkCluster(status: StatusDocument): Check[] {
  const compared = status.levelers.filter(leveler => leveler.member && isPresent(leveler));
  return [
    checkReachable(status),
    checkNets(status),
    checkLeader(status),
    ...alike.map(one => checkAlike(one, compared)),
    checkDataPath(status),
  ];
}

function good(check: Check['check'], what: string): Check {
  return {check, ok: true, what, advice: ''};
}

function bad(check: Check['check'], what: string, advice: string): Check {
  return {check, ok: false, what, advice};
}

function checkReachable({levelers}: StatusDocument): Check {
  const members = levelers.filter(({member}) => member);
  const silent = members.filter(leveler => !isPresent(leveler)).map(({name}) => name);
  if (members.length === 0) {
    return bad('reachable', 'no members are known here', 'taco status');
  }

  return silent.length === 0
    ? good('reachable', `${members.length} of ${members.length} levelers: ${joinNames(members.map(({name}) => name))}`)
    : bad(
        'reachable',
        `${members.length - silent.length} of ${members.length} levelers; not heard: ${joinNames(silent)}`,
        `bring ${joinNames(silent)} back; gone for good: taco leveler remove NAME`,
      );
}

function checkNets({levelers}: StatusDocument): Check {
  const [fault, ...more] = findNetFaults(levelers);
  const others = more.length === 0 ? '' : `; and ${more.length} more, see: taco status`;
  return fault === undefined
    ? good('nets', 'all that are heard hear each other on net A and net B')
    : bad('nets', `${fault.what}${others}`, fault.advice);
}

function checkLeader({leader, hasMajority, standing, term}: StatusDocument): Check {
  return leader !== null && hasMajority === true
    ? good('leader', `${leader}, term ${term}`)
    : bad('leader', standing.words, 'taco status says what to do');
}

function checkAlike({check, thing, readValue, advice}: Alike, levelers: Compared): Check {
  const own = levelers.find(({self}) => self);
  const value = own === undefined ? null : readValue(own);
  if (value === null) {
    return bad(check, `${thing}: not known here`, 'taco logs elector');
  }

  const strays = levelers.filter(leveler => readValue(leveler) !== value);
  if (strays.length === 0) {
    return good(check, value);
  }

  const told = strays.map(leveler => `${leveler.name} has ${readValue(leveler) ?? 'none that is known'}`);
  return bad(
    check,
    `${thing} is ${value} here, but ${joinNames(told)}`,
    advice(joinNames(strays.map(({name}) => name))),
  );
}

function checkDataPath({engine, digest, version}: StatusDocument): Check {
  if (engine === null) {
    return bad('data path', 'frame-forwarder is not heard here', 'taco logs frame-forwarder');
  }

  if (engine.haltedBecause !== null) {
    return bad('data path', `forwards nothing here: ${engine.haltedBecause}`, 'taco logs frame-forwarder');
  }

  return engine.digest === digest
    ? good('data path', `${engine.name}, follows version ${version}`)
    : bad(
        'data path',
        `follows version ${engine.version ?? 'none'} here, the cluster is at ${version ?? 'none'}`,
        'taco logs frame-forwarder',
      );
}
