import type {ClusterState, HeldKey, HeldKeys, Operation, Result, ShownKeys, WantedKeys} from '../src/index.ts';
import {carryOutShown, newborn} from './cluster-builders.ts';

export const [one, two, three] = ['1', '2', '3'].map(digit => digit.repeat(16)) as [string, string, string];
export const sealed = new Uint8Array(60);

export const add = (fingerprint: string, sealedBy: string): Operation => ({
  kind: 'addKey',
  fingerprint,
  sealed,
  sealedBy,
  byHand: false,
});
export const activate = (fingerprint = '', force = false): Operation => ({kind: 'activateKey', fingerprint, force});
export const retire = (fingerprint = '', force = false): Operation => ({kind: 'retireKey', fingerprint, force});

/** Both levelers, or those given, show these keys: the first is the one they send with. */
export const showing = (accepts: readonly string[], ids: readonly number[] = [1, 2]): ShownKeys =>
  new Map(ids.map(id => [id, {accepts, sends: accepts[0] ?? ''}]));

export const done = (result: Result): ClusterState => {
  if (result.kind !== 'done') {
    throw new Error(JSON.stringify(result));
  }

  return result.state;
};

export const added = (): ClusterState => done(carryOutShown(newborn(), add(two, one), showing([one])));
export const activated = (): ClusterState => done(carryOutShown(added(), activate(), showing([one, two])));
export const retired = (): ClusterState => done(carryOutShown(activated(), retire(), showing([two, one])));

export const [ours, theirs] = ['a', 'b'].map(digit => digit.repeat(16)) as [string, string];
export const ringOf = (lineage: string, rotation: number, ...keys: HeldKey[]): HeldKeys<HeldKey> => ({
  rotation,
  lineage,
  keys,
});
export const held = (rotation: number, ...keys: HeldKey[]): HeldKeys<HeldKey> => ringOf(ours, rotation, ...keys);
/** A state of a lineage, as it takes effect. */
export const of = (state: ClusterState, lineage = ours): WantedKeys => ({...state, lineage});
export const key = (fingerprint: string, stage: HeldKey['stage']): HeldKey => ({fingerprint, stage});
