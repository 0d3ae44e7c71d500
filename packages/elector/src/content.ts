import {createHash, randomBytes} from 'node:crypto';
import {
  applyPatch,
  type ClusterState,
  carryOut,
  decodeCommand,
  decodeState,
  encodeCommand,
  encodePatch,
  encodeState,
  firstState,
  withVersion,
} from '@tacoplex/cluster';
import type {Carried, Content, Member, ShownKeys, Value} from '@tacoplex/election';
import {type LevelerId, toHex, type Version} from '@tacoplex/vocabulary';

const first8 = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }

  return hash.digest('hex').slice(0, 16);
};

/** The cluster state as the election sees it. A state is decoded once, however often it is looked at. */
export class ClusterContent implements Content {
  readonly #cluster: string;
  readonly #states = new WeakMap<Value, ClusterState>();

  /** @param cluster its name: states of other clusters are refused */
  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** A newborn cluster, with a hash key of its own. */
  found(members: readonly Member[], version: Version): Value {
    return this.#valueOf(firstState({cluster: this.#cluster, hashKey: randomBytes(16), members, version}));
  }

  stateOf(value: Value): ClusterState {
    const known = this.#states.get(value) ?? decodeState(value.bytes);
    this.#states.set(value, known);
    return known;
  }

  restamp = (value: Value, version: Version): Value => this.#valueOf(withVersion(this.stateOf(value), version));

  carryOut = (value: Value, version: Version, bytes: Uint8Array, shown: ShownKeys): Carried => {
    const command = readOrRefuse(bytes);
    if ('kind' in command) {
      return command;
    }

    const result = carryOut(this.stateOf(value), command, undefined, shown);
    switch (result.kind) {
      case 'done':
        return {kind: 'done', value: this.#valueOf(withVersion(result.state, version)), changes: result.changes};
      case 'refused':
        return result;
      case 'repeated':
        return {kind: 'repeated', refusal: result.outcome.refusal, changes: result.outcome.changes};
    }
  };

  givesUp = (bytes: Uint8Array): readonly LevelerId[] => {
    const command = readOrRefuse(bytes);
    return 'operation' in command && command.operation.kind === 'giveUpMembers' ? command.operation.ids : [];
  };

  admission = (member: Member, id: Uint8Array): Uint8Array =>
    encodeCommand({id: toHex(id), uid: 0, operation: {kind: 'addMember', ...member}});

  encodePatch = (from: Value, to: Value): Uint8Array => encodePatch(this.stateOf(from), this.stateOf(to));

  applyPatch = (from: Value, patch: Uint8Array): Value => this.#valueOf(applyPatch(this.stateOf(from), patch));

  open = (bytes: Uint8Array): Value => {
    const state = decodeState(bytes);
    if (state.cluster !== this.#cluster) {
      throw new RangeError(`the state is of the cluster ${state.cluster}`);
    }

    return this.#valueOf(state);
  };

  #valueOf(state: ClusterState): Value {
    const bytes = encodeState(state);
    const {version, members, hashKey, fork, forks} = state;
    const barred = state.outsiders.filter(({removed}) => removed).map(({id}) => id);
    const lineage = first8('lineage', hashKey, fork);
    const value = {version, members, barred, bytes, forks, digest: first8(bytes), lineage};
    this.#states.set(value, state);
    return value;
  }
}

function readOrRefuse(bytes: Uint8Array): ReturnType<typeof decodeCommand> | Extract<Carried, {kind: 'refused'}> {
  try {
    return decodeCommand(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }

    return {
      kind: 'refused',
      refusal: `the command cannot be read: ${error.message}`,
      advice: 'are all levelers of one version? see: taco version',
    };
  }
}
