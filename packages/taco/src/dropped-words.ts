import type {Fault} from './net-faults.ts';
import {isMissed} from './presence.ts';
import type {StatusDocument} from './schemas.ts';
import {formatCount} from './text.ts';

/** Why what another leveler says may count for nothing here by mistake, by the class under which it is counted. */
const mistakes: Readonly<Record<string, Fault>> = {
  'datagram unknown-key': {
    what: 'signed with a key that this leveler does not have',
    advice:
      'compare taco key list there and here; where it is right: taco key export FILE, for the key_file of the other',
  },
  'datagram wrong-cluster': {
    what: 'of a cluster of another name with the same key',
    advice: 'is cluster.name in taco.toml the same there and here? Another cluster needs a key of its own',
  },
  'datagram wrong-net': {
    what: 'made for the other net',
    advice: 'are net A and net B exchanged, there or here? Look at cables, VLANs, net_a and net_b in taco.toml',
  },
  'datagram other-protocol': {
    what: 'of software that speaks another form of the protocol',
    advice: 'taco version there and here; upgrade the older',
  },
};

/**
 * Levelers are missed, and datagrams were dropped that may be theirs.
 *
 * The counts begin with the elector, so that where nobody is missed they tell of what is over.
 */
export function findDroppedWords({levelers, outsiders, reasons}: Missing & Pick<StatusDocument, 'reasons'>): Fault[] {
  return isAnybodyMissed({levelers, outsiders})
    ? reasons.flatMap(({name, count}) => {
        const mistake = mistakes[name];
        return mistake === undefined
          ? []
          : [{...mistake, what: `datagrams ${mistake.what}, dropped since the elector started: ${formatCount(count)}`}];
      })
    : [];
}

type Missing = Pick<StatusDocument, 'levelers' | 'outsiders'>;

/** A member is not heard, one that is announced has not come, or this one is no member yet. */
function isAnybodyMissed({levelers, outsiders}: Missing): boolean {
  return (
    levelers.some(leveler => isMissed(leveler) || (leveler.self && !leveler.member)) ||
    outsiders.some(({removed}) => !removed)
  );
}
