import type {IpAddress, LevelerId, MacAddress, Version} from '@tacoplex/vocabulary';
import type {About, Beat, Echo, Net, RoleName} from './beat.ts';
import type {Caretaking, Charge} from './charge.ts';
import type {Peers} from './peers.ts';
import type {Content, Stamp, Value} from './value.ts';
import type {Window} from './window.ts';

/** What stays the same for the life of one process. All times in ms. */
export type Setup = {
  readonly id: LevelerId;
  readonly name: string;
  /** Drawn at random when the process starts, 16 hexadecimal digits. */
  readonly nonce: string;
  readonly content: Content;
  readonly timing: Timing;
  /** It votes, keeps the state, and has neither data path nor announcer: it never leads, and never forwards. */
  readonly isWitness?: boolean;
  readonly edition: Edition;
};

/** What a process runs and is configured as: all levelers should say the same. */
export type Edition = {
  /** Version of the software. */
  readonly software: string;
  /** Of what the config file says of the whole cluster, 16 hexadecimal digits. */
  readonly configDigest: string;
};

export type Timing = {
  /** Between two regular beats. */
  readonly beatMs: number;
  /** Silence on both nets after which a leveler is taken for dead; at least three beats. */
  readonly suspectMs: number;
  /** How long a data path goes on without its elector; what is silent for longer is fenced. */
  readonly leaseMs: number;
};

/** Said to one leveler. */
export type Message =
  | {readonly kind: 'preVoteAsked' | 'voteAsked'; readonly term: number; readonly version: Version}
  | {readonly kind: 'preVoteAnswered' | 'voteAnswered'; readonly term: number; readonly granted: boolean}
  | {readonly kind: 'fetch'; readonly have: Stamp | undefined}
  | Proposal
  | {readonly kind: 'commandForwarded'; readonly request: string; readonly command: Uint8Array}
  | {readonly kind: 'commandResult'; readonly request: string; readonly outcome: Outcome}
  | Errand;

/** Said to the process of another leveler; the election hands it on. */
export type Errand =
  | {readonly kind: 'leaveAsked'; readonly request: string; readonly stay: boolean; readonly force: boolean}
  | {
      readonly kind: 'leaveAnswered';
      readonly request: string;
      readonly refusal: string;
      readonly advice: string;
      readonly held: readonly IpAddress[];
    };

export type Proposal = {
  readonly kind: 'proposal';
  readonly term: number;
  /** The sender leads this term. */
  readonly leading: boolean;
  /** The reader was admitted in this very process while it had no state: it has never voted. */
  readonly newcomer: boolean;
  readonly stamp: Stamp;
  readonly content:
    | {readonly kind: 'patch'; readonly from: Stamp; readonly bytes: Uint8Array}
    | {readonly kind: 'whole'; readonly bytes: Uint8Array};
};

/** The one answer to a command. */
export type Outcome = {
  /** Empty: carried out. */
  readonly refusal: string;
  readonly advice: string;
  readonly changes: readonly string[];
  readonly version: Version | undefined;
  /** Members that have that version on disk. */
  readonly kept: readonly LevelerId[];
  /** Levelers that follow that version. */
  readonly applied: readonly LevelerId[];
  /** Members that do not yet. */
  readonly missing: readonly LevelerId[];
  /** Of the missing: those that were silent for so long that their data path has stopped. */
  readonly fenced: readonly LevelerId[];
};

/** A part of a message that did not fit in one datagram, or the wish for such parts: looked at by the shell. */
export type Piece =
  | {
      readonly kind: 'chunk';
      /** 16 hexadecimal digits. */
      readonly transfer: string;
      readonly number: number;
      readonly count: number;
      readonly bytes: Uint8Array;
    }
  | {readonly kind: 'missing'; readonly transfer: string; readonly numbers: readonly number[]};

/** What an authentic datagram says of itself. */
export type Header = {
  readonly sender: LevelerId;
  readonly nonce: string;
  readonly sequence: number;
  /** The net it was sent on. */
  readonly net: Net;
  /** undefined: for all. */
  readonly to: LevelerId | undefined;
  /** What the sender last heard from `to`. */
  readonly echo: Echo | undefined;
};

/** What must outlive the process. */
export type Memory = {
  readonly term: number;
  readonly votedFor: LevelerId | undefined;
  /** The newest state known to be kept by a majority. */
  readonly committed: Version | undefined;
  /**
   * The process that wrote it knew every vote and every acknowledgement that its leveler ever gave. One that does not know
   * leaves files all the same, and whoever finds them knows no more than it did.
   */
  readonly sound: boolean;
};

export type Event = {readonly nowMs: number} & (
  | {readonly kind: 'time' /** 0 <= draw < 1 */; readonly draw: number}
  | {
      readonly kind: 'heard' /** Where it arrived */;
      readonly net: Net;
      readonly header: Header;
      readonly body: Beat | Message | Piece;
    }
  | {
      readonly kind: 'told' /** Put together from pieces that were heard */;
      readonly from: LevelerId;
      readonly message: Message;
    }
  | {readonly kind: 'saved'; readonly memory: Memory}
  | {readonly kind: 'stored'; readonly stamp: Stamp}
  | {readonly kind: 'founded'; readonly value: Value}
  | {readonly kind: 'applied'; readonly stamp: Stamp}
  | {readonly kind: 'about'; readonly about: About}
  | {readonly kind: 'asked'; readonly request: string; readonly command: Uint8Array}
  | {readonly kind: 'leave'}
  /** After all: what was asked by `leave` is taken back. */
  | {readonly kind: 'stay'}
  /** What the announcer heard on net A since it was told to ask for the shared addresses. */
  | {
      readonly kind: 'probed' /** Of the question */;
      readonly number: number;
      /** All has been asked, and the last answers have had time to come. */
      readonly isDone: boolean;
      /** Who answered, or took an address; undefined: a MAC address that no leveler is known to have. */
      readonly answeredBy: readonly (LevelerId | undefined)[];
      /** Who of them has proven by a key of the cluster that it was he. */
      readonly provenBy: readonly LevelerId[];
    }
  /** Its data path was taken away, or is there again. */
  | {readonly kind: 'dataPath'; readonly isThere: boolean}
);

/** Why a datagram changed nothing. */
export type Drop = 'own' | 'twin' | 'wrong-net' | 'stray' | 'replay' | 'stale' | 'other-lineage' | 'conflict' | 'unfit';

export type Action =
  | {readonly kind: 'beat'; readonly beat: Beat}
  | {readonly kind: 'send'; readonly to: LevelerId; readonly message: Message}
  /** An authentic, fresh piece of a message. */
  | {readonly kind: 'piece'; readonly from: LevelerId; readonly piece: Piece}
  | {readonly kind: 'errand'; readonly from: LevelerId; readonly errand: Errand}
  /** Answered by `saved` once it would survive a power cut: that may take until the disk works again. */
  | {readonly kind: 'save'; readonly memory: Memory}
  /** The same, answered by `stored`. */
  | {readonly kind: 'store'; readonly value: Value; readonly sound: Memory['sound']}
  /** Delete state and memory from the disk. */
  | {readonly kind: 'forget'}
  /** Make the first state, with a hash key of its own. Answered by `founded`. */
  | {readonly kind: 'found'; readonly members: Value['members']; readonly version: Version}
  /** The data path follows this from now on. */
  | {readonly kind: 'apply'; readonly value: Value}
  | {readonly kind: 'answer'; readonly request: string; readonly outcome: Outcome}
  | {readonly kind: 'count'; readonly drop: Drop; readonly sender: LevelerId}
  /** An older process has this leveler's number, and lives: this one must end, without a word. */
  | {readonly kind: 'yield'; readonly to: About}
  | {readonly kind: 'tell'; readonly news: News};

/** What an operator may want to read in the log. */
export type News =
  | {readonly kind: 'role'; readonly role: RoleName; readonly term: number}
  | {readonly kind: 'leader'; readonly leader: LevelerId | undefined; readonly term: number}
  | {readonly kind: 'live' | 'suspect' | 'left'; readonly peer: LevelerId; readonly name: string}
  | {readonly kind: 'committed'; readonly stamp: Stamp; readonly members: number}
  | {
      readonly kind: 'caretaking';
      readonly is: Caretaking;
      readonly heard: number;
      readonly members: number;
      /** Who serves instead, if it is known. */
      readonly servedBy: LevelerId | undefined;
    }
  | {readonly kind: 'resigned'; readonly heard: number; readonly needed: number}
  | {readonly kind: 'voice'; readonly why: 'alone' | 'newcomer' | 'all-heard' | 'majority-heard'}
  | {readonly kind: 'removed'}
  /** Another machine has this leveler's number, and is to give way. */
  | {readonly kind: 'twin'; readonly name: string; readonly mac: MacAddress | undefined}
  | {readonly kind: 'lineageLost'; readonly to: string; readonly memberCount: number}
  | {readonly kind: 'admitting'; readonly peer: LevelerId; readonly name: string}
  | {readonly kind: 'notAdmitted'; readonly peer: LevelerId; readonly refusal: string};

/** What was heard of a process that another leveler had before the one it has now: it must not be heard again. */
export type FormerProcess = Pick<Peer, 'nonce' | 'beat' | 'windows' | 'saidSequence'>;

/** Another process that says it is this leveler. */
export type Twin = {
  readonly nonce: string;
  readonly beat: number;
  readonly heardMs: number;
  /** The operator knows of it. */
  readonly isTold: boolean;
};

/** What is known of another leveler. */
export type Peer = {
  readonly id: LevelerId;
  readonly nonce: string;
  /** Heard freshly within the suspicion time. */
  readonly live: boolean;
  /** When a datagram last proved that it is alive and hears us. */
  readonly freshMs: number;
  /** When anything authentic was last heard on each net. */
  readonly heardMs: Readonly<Record<Net, number | undefined>>;
  /** Highest beat number heard. */
  readonly beat: number;
  readonly windows: Readonly<Record<Net, Window>>;
  /** Sequence number of `said`. */
  readonly saidSequence: number;
  /** Its newest fresh beat. */
  readonly said: Beat | undefined;
  /** When the beat of ours that `said` echoes went out; -Infinity: none. */
  readonly saidEchoMs: number;
  /** Its last processes before this one that were heard freshly, the newest last; few. */
  readonly former: readonly FormerProcess[];
};

/** A change on its way, at the leader. */
export type Job = {
  /** Who asked: this leveler itself or another. */
  readonly from: LevelerId;
  /** Asked by the leader itself, for this newcomer. */
  readonly admits?: LevelerId;
  readonly request: string;
  readonly command: Uint8Array;
  readonly sinceMs: number;
  /** Set once it is part of a state, or was found to be so already. */
  readonly done: Done | undefined;
};

export type Done = {
  readonly version: Version;
  readonly changes: readonly string[];
  readonly refusal: string;
  /** Who had it on disk when it was committed; undefined: it is not, or was before. */
  readonly keptBy?: readonly LevelerId[];
};

export type Patch = {readonly from: Stamp; readonly to: Stamp; readonly bytes: Uint8Array};

export type Role =
  | {readonly kind: 'joining'}
  | {
      readonly kind: 'follower' /** When it stands, if still nobody leads; undefined: not drawn yet */;
      readonly standAtMs: number | undefined;
    }
  | {
      readonly kind: 'preCandidate' | 'candidate';
      readonly granted: ReadonlySet<LevelerId>;
      readonly untilMs: number;
      readonly askAtMs: number;
    }
  | {
      readonly kind: 'leader';
      /** When it was elected. */
      readonly sinceMs: number;
      readonly jobs: readonly Job[];
      /** Who became a member in this process's time, in which process of theirs. */
      readonly newcomers: ReadonlyMap<LevelerId, string>;
      /** From the state before to the one held. */
      readonly patch: Patch | undefined;
      readonly answered: ReadonlyMap<string, Answered>;
    };

export type Answered = {readonly outcome: Outcome; readonly atMs: number};
export type Leader = Extract<Role, {kind: 'leader'}>;

/** A command that this leveler was asked to see through. */
export type Ask = {
  readonly request: string;
  readonly command: Uint8Array;
  readonly sinceMs: number;
  /** When it was last given to a leader. */
  readonly givenMs: number | undefined;
};

/** What one leveler believes. Replaced by each step, never changed in place. */
export type State = {
  readonly nowMs: number;
  readonly startedMs: number;
  /** After an own stall nobody is judged before what waits in the sockets has been read. */
  readonly judgeFromMs: number;
  readonly beat: number;
  readonly lastBeatMs: number;
  readonly nextBeatMs: number;
  /** The next beat was brought forward, to go out along with another's. */
  readonly isPulled: boolean;
  /** Something changed that others should know before the next regular beat. */
  readonly beatSoon: boolean;
  /** When the last regular beats went out for the first time, the newest last. */
  readonly beatsAtMs: readonly number[];
  readonly about: About;
  /** Was asked to leave: for the rest of this process's life, or until it is asked to stay. */
  readonly departed: boolean;
  /** Its data path was taken away: it leaves for as long as that lasts. */
  readonly bereft: boolean;
  /** Departed or bereft: says so in its beats, does not stand, and takes nothing. */
  readonly leaving: boolean;
  readonly peers: Peers;
  /** The last that was heard. */
  readonly twin: Twin | undefined;

  readonly role: Role;
  readonly term: number;
  readonly votedFor: LevelerId | undefined;
  /** The vote in this term would survive a power cut. */
  readonly voteSaved: boolean;
  /** Knows every vote it has ever given; else it gives none and acknowledges nothing. */
  readonly sound: boolean;
  readonly leader: LevelerId | undefined;
  readonly leaderlessSinceMs: number;

  readonly held: Value | undefined;
  readonly kept: boolean;
  readonly committed: Value | undefined;
  readonly applied: Stamp | undefined;
  /** Has once been level with a leader, or found after the start that there is none to wait for. */
  readonly settled: boolean;
  /** No member, and removed by an operator: does not ask to come back. */
  readonly removed: boolean;

  /** The lease of the data path runs from here; -Infinity: it has none. */
  readonly leaseFromMs: number;
  /** A version that another's data path follows and this one's does not, and since when that is known; undefined: none. */
  readonly lag: {readonly version: Version; readonly sinceMs: number} | undefined;
  readonly charge: Charge;

  readonly fetchedMs: number | undefined;
  /** Since when the leader has had another state than this leveler. */
  readonly behindSinceMs: number | undefined;
  /** When last something was heard that speaks against making a new cluster. */
  readonly newsMs: number;
  readonly rival: {readonly lineage: string; readonly sinceMs: number} | undefined;
  readonly asks: readonly Ask[];
};

/** The next state, and what the shell does about it, in order. */
export type Step = readonly [State, readonly Action[]];
