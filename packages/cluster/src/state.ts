import type {Affinity} from '@tacoplex/leveling';
import type {GroupNumber, IpAddress, LevelerId, ServerNumber, Version} from '@tacoplex/vocabulary';

/** The one replicated value of a cluster. Never changed in place, its tables included. */
export type ClusterState = {
  /** 1..32 of a-z, 0-9 and hyphen. */
  readonly cluster: string;
  readonly version: Version;
  /** Key of the flow hash, 16 bytes. Secret: never logged. */
  readonly hashKey: Uint8Array;
  /** 1..64, ascending by id. */
  readonly members: readonly Member[];
  /** At most 16, ascending by number. */
  readonly groups: readonly Group[];
  /** At most 1,000 for each group, ascending by number. */
  readonly servers: readonly Server[];
  /** At most 1,024, in the order of `compareServices`. */
  readonly services: readonly Service[];
  /** What became of the last 256 commands, oldest first. */
  readonly outcomes: readonly Outcome[];
  /** Where the search for the next free server number begins, 1..65535. */
  readonly nextServerNumber: number;
  /** Id of the last command by which an operator gave members up without a majority; empty: there was none. */
  readonly fork: string;
  /** How many there were. */
  readonly forks: number;
  /** Counts the steps of all key rotations. 0: there was none, and the key is the one of the config file. */
  readonly keyRotation: number;
  /** In the order of `keyStages`, each stage once at most, one of them current; none in rotation 0. */
  readonly keys: readonly Key[];
  /** At most 64, ascending by id, none a member. */
  readonly outsiders: readonly Outsider[];
};

/** In the order of their numbers on the wire. The current key signs; the next and the previous are believed too. */
export const keyStages = ['current', 'next', 'previous'] as const;

/** A key that the levelers share. Its secret stands here only while it is brought to them, and then sealed. */
export type Key = {
  /** 16 hexadecimal digits; the first 8 are the id that operators see. */
  readonly fingerprint: string;
  readonly stage: (typeof keyStages)[number];
  /** undefined: every leveler has it, or gets it by hand. */
  readonly sealed: Sealed | undefined;
};

/** A secret that only who has another key can read. */
export type Sealed = {
  /** Nonce of 12 bytes, AES-256-GCM of 32 bytes, tag of 16. */
  readonly bytes: Uint8Array;
  /** Fingerprint of the key that opens it. */
  readonly by: string;
};

/** A leveler that is no member: announced and not there yet, or removed and not to come back by itself. */
export type Outsider = Pick<Member, 'id' | 'name'> & {readonly removed: boolean};

/** A leveler that counts for the majority; a witness does nothing else. */
export type Member = {readonly id: LevelerId; readonly name: string; readonly witness?: true};

/** Servers that share services, and with them a bin table. */
export type Group = {
  readonly number: GroupNumber;
  readonly name: string;
  /** The server of each bin, 65,536 entries; 0: nobody. */
  readonly base: Uint16Array;
  /** Who takes a bin over if its base is dead, in the same form; 0: nobody can. */
  readonly fallback: Uint16Array;
};

export type ServerState = 'ready' | 'draining' | 'maintenance';

export type Server = {
  readonly number: ServerNumber;
  /** Unique in the cluster. */
  readonly name: string;
  /** Own address on net B: no ServIP, and unique in the group. */
  readonly address: IpAddress;
  readonly group: GroupNumber;
  /** Share relative to the others of the group, 0..1000. 0: gets nothing. */
  readonly weight: number;
  readonly state: ServerState;
};

/** What clients ask for: the name of a service. */
export type ServiceName = {
  readonly address: IpAddress;
  /** IP protocol: 6 TCP, 17 UDP, 132 SCTP; 0: every protocol, and then every port. */
  readonly protocol: number;
  /** 1..65535. 0: every port. */
  readonly port: number;
};

export type Service = ServiceName & {readonly group: GroupNumber; readonly affinity: Affinity};

/** What became of one command. */
export type Outcome = {
  /** Id of the command, 32 hexadecimal digits. */
  readonly command: string;
  /** Empty: it was carried out. */
  readonly refusal: string;
  /** One sentence each. */
  readonly changes: readonly string[];
};

export const limits = {
  members: 64,
  outsiders: 64,
  groups: 16,
  serversOfGroup: 1000,
  services: 1024,
  outcomes: 256,
  weight: 1000,
} as const;

/** The group that servers and services belong to when none is named. */
export const defaultGroup = 'default';
