import {tacoplex} from '#generated';
import type {Decoded, Encodable} from './decoded.ts';

/** Everything that speaks on a leveler's bus. */
export type Process = 'elector' | 'frame-forwarder' | 'arp-announcer' | 'admin-broker' | 'taco';

const bus = tacoplex.bus.v1;

type Codec = {
  encode(message: never): {finish(): Uint8Array};
  decode(bytes: Uint8Array): object;
};

type Topics = Readonly<
  Record<string, {readonly codec: Codec; readonly from: Process; readonly to: readonly Process[]}>
>;

/**
 * Every message that one process says to others. Each is a state, not an event: whoever begins to listen
 * gets the last one at once, and of two the newer replaces the older. The key is the topic on the wire.
 */
export const topics = {
  'elector.state': {codec: bus.StateSaid, from: 'elector', to: ['frame-forwarder', 'arp-announcer', 'admin-broker']},
  'elector.view': {codec: bus.ViewSaid, from: 'elector', to: ['frame-forwarder', 'arp-announcer', 'admin-broker']},
  'announcer.claims': {codec: bus.ClaimsSaid, from: 'arp-announcer', to: ['elector']},
  'announcer.probed': {codec: bus.ProbedSaid, from: 'arp-announcer', to: ['elector']},
  'announcer.status': {codec: bus.AnnouncerStatus, from: 'arp-announcer', to: ['admin-broker']},
  'forwarder.applied': {codec: bus.AppliedSaid, from: 'frame-forwarder', to: ['elector']},
  'forwarder.status': {codec: bus.ForwarderStatus, from: 'frame-forwarder', to: ['admin-broker']},
} as const satisfies Topics;

type Requests = Readonly<
  Record<string, {readonly ask: Codec; readonly answer: Codec; readonly from: readonly Process[]; readonly to: Process}>
>;

/** Every question that one process asks another, and gets exactly one answer to. The key is the name on the wire. */
export const requests = {
  'elector.command': {ask: bus.CommandAsked, answer: bus.CommandAnswered, from: ['admin-broker'], to: 'elector'},
  'elector.leave': {ask: bus.LeaveAsked, answer: bus.LeaveAnswered, from: ['admin-broker'], to: 'elector'},
  'announcer.find': {ask: bus.FindAsked, answer: bus.FindAnswered, from: ['admin-broker'], to: 'arp-announcer'},
  'forwarder.explain': {
    ask: bus.DecisionsAsked,
    answer: bus.DecisionsAnswered,
    from: ['admin-broker'],
    to: 'frame-forwarder',
  },
  'forwarder.uninstall': {
    ask: bus.UninstallAsked,
    answer: bus.UninstallAnswered,
    from: ['admin-broker'],
    to: 'frame-forwarder',
  },
  'admin.ask': {ask: bus.AdminAsked, answer: bus.AdminAnswered, from: ['taco'], to: 'admin-broker'},
} as const satisfies Requests;

type TopicCatalogue = typeof topics;
type RequestCatalogue = typeof requests;
export type Topic = keyof TopicCatalogue;
export type Request = keyof RequestCatalogue;

type Input<C extends Codec> = Encodable<Parameters<C['encode']>[0]>;
type Output<C extends Codec> = Decoded<ReturnType<C['decode']>>;

export type Outgoing<T extends Topic> = Input<TopicCatalogue[T]['codec']>;
export type Incoming<T extends Topic> = Output<TopicCatalogue[T]['codec']>;
export type Question<R extends Request> = Input<RequestCatalogue[R]['ask']>;
export type Asked<R extends Request> = Output<RequestCatalogue[R]['ask']>;
export type Reply<R extends Request> = Input<RequestCatalogue[R]['answer']>;
export type Answer<R extends Request> = Output<RequestCatalogue[R]['answer']>;

/** What a process may say, must hear, may ask, and must answer. */
export type SaidBy<P extends Process> = {[T in Topic]: P extends TopicCatalogue[T]['from'] ? T : never}[Topic];
export type HeardBy<P extends Process> = {[T in Topic]: P extends TopicCatalogue[T]['to'][number] ? T : never}[Topic];
export type AskedBy<P extends Process> = {
  [R in Request]: P extends RequestCatalogue[R]['from'][number] ? R : never;
}[Request];
export type AnsweredBy<P extends Process> = {[R in Request]: P extends RequestCatalogue[R]['to'] ? R : never}[Request];

/** One handler for each topic a process hears: leave one out and it does not compile. */
export type Handlers<P extends Process> = {readonly [T in HeardBy<P>]: (message: Incoming<T>) => void};

/** One answer for each question a process must answer. */
export type Answers<P extends Process> = {
  readonly [R in AnsweredBy<P>]: (question: Asked<R>) => Promise<Reply<R>>;
};
