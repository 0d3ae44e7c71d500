import type {ArpFrame} from '@tacoplex/frames';
import type {IpAddress, LevelerId, MacAddress, MonotonicMs, Subnet} from '@tacoplex/vocabulary';
import type {Limits} from './rate-limit.ts';
import type {Tried} from './trying.ts';

/** The wires that have shared addresses: net A has the LevIPs, net B the gateways. */
export type Net = 'a' | 'b';

/** A LevIP or a gateway: no leveler owns it for ever. */
export type SharedAddress = {
  readonly ip: IpAddress;
  readonly net: Net;
  /** Its place among the shared addresses of its net and family, from 0: it starts so many places further in the ring. */
  readonly index: number;
};

/** What does not change while the process lives. */
export type Settings = {
  readonly self: LevelerId;
  readonly addresses: readonly SharedAddress[];
  /** How long a turn lasts; 0: an address is handed on only when its holder fails. */
  readonly dwellMs: number;
  readonly subnets: Readonly<Record<Net, Subnet>>;
  /** Told of each steal on net A from the first frame on; others are learnt. */
  readonly routers: readonly IpAddress[];
};

/** One leveler's word on one shared address. */
export type Claim = {
  readonly ip: IpAddress;
  /** Counts the changes of holder, 0..2^32-1. Of one that does not hold it: the highest turn it has heard of. */
  readonly turn: number;
  readonly holding: boolean;
  /** It holds it and wants to be rid of it. */
  readonly releasing: boolean;
};

/** How many answer a leveler's questions, of those it asks; undefined: it asks nobody, or has not found out yet. */
export type Reached = {
  /** On net A; where the config names no routers, hosts that have asked for a LevIP. */
  readonly routers: number | undefined;
  readonly servers: number | undefined;
};

/** A leveler as the elector sees it, oneself included. */
export type Peer = {
  readonly id: LevelerId;
  readonly member: boolean;
  readonly live: boolean;
  readonly leaving: boolean;
  readonly reachesA: boolean;
  readonly reachesB: boolean;
  /** Missing: not told. */
  readonly reached?: Reached | undefined;
  /** Whether clients' frames get through it, as it says; missing: not told. */
  readonly carries?: boolean | undefined;
  /** Through whom its pings come out; missing: not told. */
  readonly tried?: Tried | undefined;
  /** Since when it has reached fewer servers than another. Noted here, not told by the elector; missing: it has not. */
  readonly fewerSince?: MonotonicMs;
  /** Undefined: not heard of yet. */
  readonly macs: Readonly<Record<Net, MacAddress | undefined>>;
  readonly claims: readonly Claim[];
};

/** The elector's word. */
export type View = {
  readonly saidAt: MonotonicMs;
  /** Whether this leveler's data path may forward: who may not, releases what it holds. */
  readonly mayForward: boolean;
  /** Whether it may take addresses, and not only keep what it holds. */
  readonly mayTake: boolean;
  /** If not, others serve: what it holds it gives up at once. */
  readonly mayHold: boolean;
  /** Number of the question that is to be asked on net A; undefined: none. */
  readonly probe: number | undefined;
  readonly peers: readonly Peer[];
};

/** A host of the net that sends to a shared address, and so must hear of a steal. */
export type Neighbour = {readonly mac: MacAddress; readonly heardAt: MonotonicMs};

/** Somebody who is no leveler and says that the address is his. */
export type Stranger = {readonly since: MonotonicMs; readonly lastAt: MonotonicMs};

/** A steal on its way: until each neighbour asked has answered, or three rounds are over. */
export type Steal = {
  /** Rounds sent. */
  readonly round: number;
  readonly nextAt: MonotonicMs;
  /** Neighbours that have not answered. */
  readonly pending: readonly IpAddress[];
  /** Whether the broadcast pair goes with each round. A refresh goes without. */
  readonly gratuitous: boolean;
};

/** Somebody spoke against our holding; at `dueAt` we say again that it is ours, if it still is. */
export type Contest = {readonly by: LevelerId | undefined; readonly dueAt: MonotonicMs};

/** What this leveler believes of one shared address. */
export type AddressState = SharedAddress & {
  /** Whether we hold it: we answer everybody's questions for it. */
  readonly holding: boolean;
  /** The leveler whose claim stands, ourselves included; undefined: nobody live claims it. */
  readonly holder: LevelerId | undefined;
  /** The holder's turn. */
  readonly turn: number;
  /** When we saw the holder's turn begin. */
  readonly since: MonotonicMs;
  /** The highest turn heard of in any claim, ours included. */
  readonly highest: number;
  /** Who held it before; the ring is counted from there when nobody holds it. */
  readonly lastHolder: LevelerId | undefined;
  /** Since when it wants a new holder; undefined: it has one that serves, or it is ours. */
  readonly vacantSince: MonotonicMs | undefined;
  /** Live levelers, other than us, that claimed to hold it in the last view. */
  readonly rivals: readonly LevelerId[];
  /** The last steal seen on the wire by a leveler whose claim has not come yet. */
  readonly sighting: {readonly by: LevelerId; readonly at: MonotonicMs} | undefined;
  readonly steal: Steal | undefined;
  readonly refreshAt: MonotonicMs;
  readonly contest: Contest | undefined;
  /** The last time we answered a contest. */
  readonly defendedAt: MonotonicMs;
  readonly neighbours: ReadonlyMap<IpAddress, Neighbour>;
  readonly strangers: ReadonlyMap<MacAddress, Stranger>;
};

/** The question whether others hold shared addresses of net A, as far as it has been asked and answered. */
export type Probe = {
  readonly number: number;
  /** How many times it was asked. */
  readonly asked: number;
  readonly nextAt: MonotonicMs;
  /** The last answers have had time to come. Whoever speaks later is noted all the same. */
  readonly isDone: boolean;
  /** Who answered, or took an address, since it was first asked; undefined: a MAC address of no leveler. None twice. */
  readonly answeredBy: readonly (LevelerId | undefined)[];
  /** Who of them has proven that it was he. None twice. */
  readonly provenBy: readonly LevelerId[];
};

/** A router or a server that is asked again and again whether it answers. */
export type Contact = {
  /** With which it last answered; undefined: it never has. */
  readonly mac: MacAddress | undefined;
  /** Questions since its last answer. */
  readonly unanswered: number;
  readonly askAt: MonotonicMs;
};

/** Whom this leveler reaches on one net. */
export type Reach = {
  readonly contacts: ReadonlyMap<IpAddress, Contact>;
  /** How many of them answer, as the others are told. */
  readonly told: number | undefined;
  /** When the others were last told that nobody does. */
  readonly lostAt: MonotonicMs;
  /** For how long somebody must have answered again before the others are told, unless all of them reach less. */
  readonly holdDownMs: number;
  /** Since when somebody does; undefined: nobody does, or the others know. */
  readonly backSince: MonotonicMs | undefined;
};

/** What one announcer believes. Replaced by each step, never changed in place. */
export type State = {
  readonly settings: Settings;
  /** Ours, as they stand in the frames we send. */
  readonly macs: Readonly<Record<Net, MacAddress>>;
  /** This machine's own addresses, which routers and servers are asked by; undefined: they are not asked. */
  readonly sources: Readonly<Record<Net, IpAddress>> | undefined;
  readonly view: View | undefined;
  /** Since when the elector's word has been young enough without a break; undefined: it is not. */
  readonly trustedSince: MonotonicMs | undefined;
  /** When the elector last said that others serve. */
  readonly forbiddenAt: MonotonicMs;
  /** Whether we have looked what a predecessor of this process held. */
  readonly adopted: boolean;
  readonly stoppingSince: MonotonicMs | undefined;
  readonly stopped: boolean;
  /** Servers' addresses on net B: told of each steal of a gateway. */
  readonly servers: readonly IpAddress[];
  readonly addresses: readonly AddressState[];
  readonly probe: Probe | undefined;
  readonly reach: Readonly<Record<Net, Reach>>;
  readonly limits: Readonly<Record<Net, Limits>>;
};

/** Each event carries the time at which it is taken. */
export type Event = {readonly at: MonotonicMs} & (
  | {readonly kind: 'viewHeard'; readonly view: View}
  | {
      readonly kind: 'arpHeard';
      readonly net: Net;
      readonly frame: ArpFrame;
      /** Answers our question of now, and this leveler signed it. */
      readonly provenBy?: LevelerId;
    }
  | {readonly kind: 'serversChanged'; readonly servers: readonly IpAddress[]}
  | {
      readonly kind: 'linkUp' /** Its addresses may be others than before. */;
      readonly net: Net;
      readonly mac: MacAddress;
      /** Missing: as before. */
      readonly source?: IpAddress;
    }
  | {readonly kind: 'timeCame'}
  | {readonly kind: 'stop'}
);

/** Why an address was taken. */
export type Reason = 'nobody held it' | 'its holder is lost' | 'its holder released it' | 'our turn';

/** What is counted; the text is what `taco status` shows. */
export type Counter =
  | 'answers'
  | 'answers-for-holder'
  | 'unanswered-untrusted'
  | 'unanswered-unfit'
  | 'steals'
  | 'refreshes'
  | 'defences'
  | 'acknowledged'
  | 'unacknowledged'
  | 'conflicts'
  | 'yields'
  | 'probes'
  | 'reach-questions'
  | 'rate-limited';

export type Action =
  | {readonly kind: 'send'; readonly net: Net; readonly frame: ArpFrame; readonly limited: boolean}
  | ({readonly kind: 'sayProbed'} & Pick<Probe, 'number' | 'isDone' | 'answeredBy' | 'provenBy'>)
  | ({readonly kind: 'sayReached'} & Reached)
  | {
      readonly kind: 'tellReach';
      readonly net: Net;
      readonly answering: number;
      /** All that are asked. */
      readonly asked: readonly IpAddress[];
    }
  | {readonly kind: 'sayClaims'; readonly claims: readonly Claim[]}
  | {
      readonly kind: 'tellHolder';
      readonly ip: IpAddress;
      readonly net: Net;
      readonly holder: LevelerId | undefined;
      readonly turn: number;
    }
  | {readonly kind: 'tellGrab'; readonly ip: IpAddress; readonly turn: number; readonly reason: Reason}
  | {readonly kind: 'tellStranger'; readonly ip: IpAddress; readonly mac: MacAddress}
  /** While it is asked who serves: in the name of a leveler that is not heard, and no proof that it is he. */
  | {readonly kind: 'tellUnproven'; readonly ip: IpAddress; readonly mac: MacAddress; readonly leveler: LevelerId}
  | {readonly kind: 'tellStrangerGone'; readonly ip: IpAddress; readonly mac: MacAddress; readonly stayedMs: number}
  | {readonly kind: 'count'; readonly counter: Counter}
  | {readonly kind: 'tellStopped'};

/** The next state, and what the shell does about it, in order. */
export type Step = readonly [State, readonly Action[]];

/** The same for one address. */
export type AddressStep = readonly [AddressState, readonly Action[]];
