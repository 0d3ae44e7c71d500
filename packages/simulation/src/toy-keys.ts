import {carryOut, firstState, type Key, type Operation, type ShownKeys, sealedBytes} from '@tacoplex/cluster';
import type {Member} from '@tacoplex/election';
import type {Version} from '@tacoplex/vocabulary';

/** The keys of the simulated state, without their secrets. */
export type ToyKeys = {readonly rotation: number; readonly keys: readonly ToyKey[]};

type ToyKey = Pick<Key, 'fingerprint' | 'stage'> & {
  /** The key it was sealed with. */ readonly sealedBy?: string | undefined;
};

/** One step of a key rotation, as an operator asks for it. */
export type KeyStep =
  | {readonly kind: 'addKey'; readonly fingerprint: string; readonly sealedBy: string}
  | {readonly kind: 'activateKey' | 'retireKey'; readonly force: boolean};

export const noKeys: ToyKeys = {rotation: 0, keys: []};

const sealed = new Uint8Array(sealedBytes);

/** As the cluster state has it. */
export function toKey({fingerprint, stage, sealedBy}: ToyKey): Key {
  return {fingerprint, stage, sealed: sealedBy === undefined ? undefined : {bytes: sealed, by: sealedBy}};
}

function toToyKey({fingerprint, stage, sealed: secret}: Key): ToyKey {
  return {fingerprint, stage, sealedBy: secret?.by};
}

type Keyed = {readonly keys: ToyKeys; readonly members: readonly Member[]; readonly version: Version};
type Taken =
  | {readonly kind: 'done'; readonly keys: ToyKeys}
  | {readonly kind: 'refused'; readonly refusal: string; readonly advice: string};

/** What becomes of the keys: the product's own rules, on a state that has nothing but members and keys. */
export function takeKeyStep({keys, members, version}: Keyed, id: string, step: KeyStep, shown: ShownKeys): Taken {
  const born = firstState({cluster: 'toy', hashKey: new Uint8Array(16), members, version});
  const state = {...born, keyRotation: keys.rotation, keys: keys.keys.map(toKey)};
  const result = carryOut(state, {id, uid: 0, operation: operationOf(step)}, undefined, shown);
  switch (result.kind) {
    case 'done':
      return {kind: 'done', keys: {rotation: result.state.keyRotation, keys: result.state.keys.map(toToyKey)}};
    case 'refused':
      return {kind: 'refused', refusal: result.refusal, advice: result.advice};
    case 'repeated':
      return {kind: 'done', keys};
  }
}

function operationOf(step: KeyStep): Operation {
  return step.kind === 'addKey' ? {...step, sealed, byHand: false} : {...step, fingerprint: ''};
}
