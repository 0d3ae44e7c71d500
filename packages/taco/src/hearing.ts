import type {LevelerDocument} from './schemas.ts';
import type {PeerAnswered, ViewAnswered} from './status-document.ts';

type Heard = LevelerDocument['hears'][number];

/**
 * Whom one leveler hears, as this one knows it.
 *
 * What a suspect one hears is not known, but for this: if its beats come here and it is suspect all the same, then they
 * do not say that ours come there.
 */
export function describeHearing({self, peers}: ViewAnswered, peer: PeerAnswered, beatsCome: boolean): Heard[] {
  return peers
    .filter(({id}) => id !== peer.id)
    .map(({id, name}) => ({
      leveler: name,
      on: !peer.live && beatsCome && id === self ? 'none' : hearingOf(peer, id),
    }));
}

function hearingOf({hears, hearsMore}: PeerAnswered, other: number): Heard['on'] {
  const told = hears.find(({id}) => id === other);
  if (told === undefined) {
    return hearsMore ? null : 'none';
  }

  return told.onA && told.onB ? 'both' : told.onA ? 'a' : told.onB ? 'b' : 'none';
}
