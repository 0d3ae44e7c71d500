import type {Affinity} from '@tacoplex/leveling';
import type {IpAddress, LevelerId, Version} from '@tacoplex/vocabulary';
import type {ClusterState, Outcome, ServiceName} from './state.ts';

/** A wish to change the cluster state. Its texts and numbers may be nonsense: `carryOut` refuses those. */
export type Command = {
  /** Drawn at random by whoever asks, 32 hexadecimal digits. The same id twice takes effect once. */
  readonly id: string;
  /** Refuse unless this is the version in force. */
  readonly ifVersion?: Version;
  /** User id of who asked, on the leveler it was asked on. */
  readonly uid: number;
  readonly operation: Operation;
};

export type Operation =
  | {
      readonly kind: 'addServer';
      readonly name: string;
      readonly address: IpAddress;
      /** By name. Empty: `defaultGroup`, made when it is missing. */
      readonly group: string;
      readonly weight: number;
    }
  | {readonly kind: 'removeServer'; readonly name: string}
  | {readonly kind: 'setWeight'; readonly name: string; readonly weight: number}
  | ({
      readonly kind: 'addService';
      /** By name. Empty: `defaultGroup`. */
      readonly group: string;
      readonly affinity: Affinity;
    } & ServiceName)
  | ({readonly kind: 'removeService'} & ServiceName)
  | {readonly kind: 'addGroup'; readonly name: string}
  | {readonly kind: 'removeGroup'; readonly name: string}
  | {readonly kind: 'addMember'; readonly id: LevelerId; readonly name: string; readonly witness?: true}
  | {readonly kind: 'removeMember'; readonly id: LevelerId}
  | {readonly kind: 'announceMember'; readonly id: LevelerId; readonly name: string}
  | {
      readonly kind: 'addKey';
      /** Of the new key. Empty: the elector that is asked draws one and fills all this in. */
      readonly fingerprint: string;
      /** Empty if it is brought by hand. */
      readonly sealed: Uint8Array;
      /** Fingerprint of the key that opens `sealed`. */
      readonly sealedBy: string;
      /** It was laid beside the key file of every leveler, so that it never goes over a net. */
      readonly byHand: boolean;
    }
  | KeyStep<'activateKey'>
  | KeyStep<'retireKey'>
  /** They are gone for good, says an operator, and the others are no majority without saying so. */
  | {readonly kind: 'giveUpMembers'; readonly ids: readonly LevelerId[]};

type KeyStep<Kind extends string> = {
  readonly kind: Kind;
  /** Empty: whichever key is due. */
  readonly fingerprint: string;
  /** Leave members behind that are not heard. */
  readonly force: boolean;
};

/** What carrying out a command comes to. */
export type Result =
  | {
      readonly kind: 'done';
      /** Of the same version as before: the leader stamps the next one on it. */
      readonly state: ClusterState;
      /** One sentence each. */
      readonly changes: readonly string[];
    }
  | {
      readonly kind: 'refused';
      /** One sentence: why nothing changed. */
      readonly refusal: string;
      /** What to type next; may be empty. */
      readonly advice: string;
    }
  | {readonly kind: 'repeated'; readonly outcome: Outcome};
