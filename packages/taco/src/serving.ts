import {joinNames} from './join-names.ts';
import type {Fault} from './net-faults.ts';
import {isPresent} from './presence.ts';
import type {LevelerDocument, StatusDocument} from './schemas.ts';

type Status = Omit<StatusDocument, 'warnings' | 'standing' | 'serving'>;
type Serving = StatusDocument['serving'];
type Half = keyof NonNullable<LevelerDocument['tried']>;

/** What levelers send through each other: a ping to a ServIP, and one as a server's answer. */
const halves = [
  {half: 'there', net: 'a', way: 'to servers'},
  {half: 'back', net: 'b', way: 'back from net B'},
] as const satisfies readonly {half: Half; net: 'a' | 'b'; way: string}[];

/** Whether clients are served, as far as pings through the holders of shared addresses show. */
export function describeServing(status: Status): Serving {
  const {services, addresses} = status;
  const live = status.levelers.filter(isPresent);
  if (services.length === 0) {
    return {state: 'untried', words: 'nothing is served: there is no service'};
  }

  const ways = halves
    .map(({half, net, way}) => ({half, way, holders: holdersOn(addresses, net)}))
    .filter(({half, holders}) => half === 'there' || holders.length > 0);
  const failing = ways.flatMap(({half, way, holders}) =>
    holders.filter(holder => fails(live, half, holder)).map(holder => `through ${holder} ${way}`),
  );
  if (failing.length > 0) {
    return {state: 'failing', words: `clients may not be served: pings do not get ${joinNames(failing)}`};
  }

  const untried = ways.filter(
    ({half, holders}) => holders.length === 0 || holders.some(holder => !passes(live, half, holder)),
  );
  return untried.length === 0
    ? {state: 'served', words: `clients are served: pings get ${wayWords(ways)}`}
    : {state: 'untried', words: `not known whether clients are served: ${whyUntried(live, untried[0]?.half)}`};
}

/** Levelers that others' pings do not get through, although they get through another. */
export function findTrialFaults(levelers: readonly LevelerDocument[]): Fault[] {
  const live = levelers.filter(isPresent);
  return halves.flatMap(({half, way}) =>
    live
      .filter(({name}) => fails(live, half, name))
      .map(({name}) => ({
        what: `pings do not get through leveler ${name} ${way}, and do through others: shared addresses go to those`,
        advice: `on ${name}: taco verify, and taco logs frame-forwarder`,
      })),
  );
}

function holdersOn(addresses: Status['addresses'], net: 'a' | 'b'): string[] {
  return [...new Set(addresses.flatMap(one => (one.net === net && one.holder !== null ? [one.holder] : [])))];
}

type Way = {readonly half: Half; readonly way: string; readonly holders: readonly string[]};

/** Shorter where the same levelers hold the addresses of both nets. */
function wayWords(ways: readonly Way[]): string {
  const [there, back] = ways.map(({holders, way}) => ({through: joinNames([...holders]), way}));
  return back !== undefined && back.through === there?.through
    ? `through ${back.through} to servers, and back`
    : joinNames([there, back].flatMap(one => (one === undefined ? [] : `through ${one.through} ${one.way}`)));
}

function passes(live: readonly LevelerDocument[], half: Half, holder: string): boolean {
  return live.some(({tried}) => tried?.[half].passes.includes(holder));
}

/** One that says so is enough, unless another gets pings through. */
function fails(live: readonly LevelerDocument[], half: Half, holder: string): boolean {
  return live.some(({tried}) => tried?.[half].fails.includes(holder)) && !passes(live, half, holder);
}

function whyUntried(live: readonly LevelerDocument[], half: Half | undefined): string {
  if (live.length < 2) {
    return 'there is no other leveler to try this one';
  }

  const isAnywhere = live.some(({tried}) => half !== undefined && (tried?.[half].passes.length ?? 0) > 0);
  return isAnywhere || half === 'back'
    ? 'pings have not come out yet'
    : 'no ping to a service has come back yet; servers may answer none, or not through a gateway of levelers';
}
