import type {KeysShown} from './change-keys.ts';
import type {ClusterState, Key} from './state.ts';

/** Of a secret of 32 bytes with its nonce and its tag. */
export const sealedBytes = 60;

/** How many retired keys a leveler keeps, for stragglers that are let in by `permissive`. */
const mostRetired = 2;

/** What operators call a key: the part of its fingerprint that datagrams carry too. */
export function keyIdOf({fingerprint}: Pick<Key, 'fingerprint'>): string {
  return fingerprint.slice(0, 8);
}

/** A key in the hands of a leveler. */
export type HeldKey = {readonly fingerprint: string; readonly stage: Key['stage'] | 'retired'};

/** The keys in the hands of a leveler, one of them current. */
export type HeldKeys<K extends HeldKey> = {
  readonly rotation: number;
  /** In which `rotation` counts, as 16 hexadecimal digits. Empty: it was not written down. */
  readonly lineage: string;
  readonly keys: readonly K[];
  /** The state that this leveler had when they were brought to it by hand from another lineage. */
  readonly newerThan?: {readonly lineage: string; readonly rotation: number};
};

/** What a state says of the keys when it takes effect. @see HeldKeys */
export type WantedKeys = Pick<ClusterState, 'keyRotation' | 'keys'> & {readonly lineage: string};

/**
 * What the keys of a leveler become when a state takes effect.
 *
 * A leveler that is further on than the state, as its keys were copied from another, stays so. Steps of two lineages cannot be
 * compared: a state of another than that of the keys is followed, however few steps it has seen. A leveler that does not
 * have the current key goes on with what it has, so that somebody may still hear it; and then, or if it lacks another
 * key, it counts its rotation no further, so that a copy of the keys still counts as newer.
 *
 * @param obtain a key that is not in hand: unsealed, or brought by hand; undefined if it cannot be had
 */
export function followKeys<K extends HeldKey>(
  held: HeldKeys<K>,
  wanted: WantedKeys,
  obtain: (key: Key) => Omit<K, 'stage'> | undefined,
): {readonly held: HeldKeys<K>; readonly missing: readonly Key[]} {
  const {keyRotation: rotation, lineage, keys} = wanted;
  if (rotation === 0 || isFurtherOn(held, wanted)) {
    return {held, missing: []};
  }

  const found = keys.map(key => ({
    key,
    own: held.keys.find(({fingerprint}) => fingerprint === key.fingerprint) ?? obtain(key),
  }));
  const missing = found.filter(({own}) => own === undefined).map(({key}) => key);
  if (missing.some(({stage}) => stage === 'current')) {
    return {held, missing};
  }

  const used = found.flatMap(({key, own}) => (own === undefined ? [] : [{...own, stage: key.stage} as K]));
  const next = [...used, ...retiredOf(held, keys)];
  return {held: missing.length === 0 ? {rotation, lineage, keys: next} : {...held, keys: next}, missing};
}

function isFurtherOn({rotation, lineage, newerThan}: HeldKeys<HeldKey>, state: WantedKeys): boolean {
  if (lineage === '' || lineage === state.lineage) {
    return state.keyRotation < rotation;
  }

  return newerThan?.lineage === state.lineage && state.keyRotation <= newerThan.rotation;
}

/** What others are told of the keys of a leveler. @throws RangeError if none is current */
export function shownOf({keys}: HeldKeys<HeldKey>): KeysShown {
  const current = keys.find(({stage}) => stage === 'current');
  if (current === undefined) {
    throw new RangeError('a key ring has a current key');
  }

  const accepts = keys.filter(({stage}) => stage !== 'retired').map(({fingerprint}) => fingerprint);
  return {accepts, sends: current.fingerprint};
}

/** A key that was only ever the next one, and given up, is forgotten: nobody has sent with it. */
function retiredOf<K extends HeldKey>({keys: held}: HeldKeys<K>, keys: readonly Key[]): K[] {
  const gone = held.filter(({fingerprint}) => !keys.some(key => key.fingerprint === fingerprint));
  const [before, now] = [gone.filter(isRetired), gone.filter(key => !isRetired(key) && key.stage !== 'next')];
  return [...now, ...before].slice(0, mostRetired).map(key => ({...key, stage: 'retired'}));
}

function isRetired({stage}: HeldKey): boolean {
  return stage === 'retired';
}
