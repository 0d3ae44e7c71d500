import type {Fault} from './net-faults.ts';
import {isPresent} from './presence.ts';
import type {LevelerDocument} from './schemas.ts';

/** Live levelers that say that clients' frames do not get through them. */
export function findCarryingFaults(levelers: readonly LevelerDocument[]): Fault[] {
  const live = levelers.filter(isPresent);
  const isAnybodyLeft = live.some(({carries}) => (carries?.whyNot ?? null) === null);
  return live.flatMap(({name, carries}) => {
    if (carries === null || carries.whyNot === null) {
      return [];
    }

    const outcome = isAnybodyLeft ? 'shared addresses go to others' : 'nobody is left who carries them';
    return [
      {
        what: `leveler ${name} has ${effectOf(carries.whyNot)} since ${carries.since}: ${carries.whyNot}; ${outcome}`,
        advice: `on ${name}: taco verify, and taco logs ${processToAsk(carries.whyNot)}`,
      },
    ];
  });
}

/** What comes to a leveler whose arp-announcer is silent gets through, but less and less comes. */
function effectOf(whyNot: string): string {
  return processToAsk(whyNot) === 'arp-announcer' ? 'answered no ARP' : 'carried no frames';
}

/** Whoever is silent; else whoever looks at the machine. */
function processToAsk(whyNot: string): string {
  return /^(\S+) is silent$/.exec(whyNot)?.[1] ?? 'frame-forwarder';
}
