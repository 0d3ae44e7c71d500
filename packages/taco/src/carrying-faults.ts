import type {Fault} from './net-faults.ts';
import {isPresent} from './presence.ts';
import type {LevelerDocument} from './schemas.ts';

/** Live levelers that say that clients' frames do not get through them. */
export function findCarryingFaults(levelers: readonly LevelerDocument[]): Fault[] {
  const live = levelers.filter(isPresent);
  const bearers = live.filter(({carries}) => (carries?.whyNot ?? null) === null);
  return live.flatMap(({name, carries}) => {
    const whyNot = carries?.whyNot ?? null;
    if (carries === null || whyNot === null) {
      return [];
    }

    const outcome = bearers.length === 0 ? 'nobody is left who carries them' : 'shared addresses go to others';
    return [
      {
        what: `leveler ${name} has carried no frames since ${carries.since}: ${whyNot}; ${outcome}`,
        advice: `on ${name}: taco logs frame-forwarder`,
      },
    ];
  });
}
