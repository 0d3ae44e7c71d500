import type {Bus} from '@tacoplex/bus';
import type {Clock} from '@tacoplex/clock';
import {WorldError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import type {Asked, HeardBy, Incoming, Reply} from '@tacoplex/messages';
import {type IpAddress, ipToBytes, type Nets} from '@tacoplex/vocabulary';
import {answerDrain} from './answer-drain.ts';
import {answerExplain} from './answer-explain.ts';
import {answerTable} from './answer-table.ts';
import type {AuditEntry} from './audit.ts';
import {checkAddresses} from './check-addresses.ts';
import {collect, never, silenceOf} from './collect.ts';
import {engineMs} from './consult-engine.ts';
import {type Command, describeCommand} from './describe-command.ts';
import {findMs, findServer} from './find-server.ts';
import {knownNetwork} from './known-network.ts';
import {type LastWords, readState} from './last-words.ts';

export type Parts = {
  readonly bus: Bus<'admin-broker'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: (entry: AuditEntry) => void;
  /** Version of the broker. */
  readonly software: string;
  /** As the config tells them. */
  readonly nets: Nets;
  /** As `snoopedGroup` has it. */
  readonly snoopedGroup: IpAddress | undefined;
  /** Of this machine now, loopback left out. */
  readonly ownAddresses: () => readonly IpAddress[];
  /** How long a change may take before the operator is told that there is no answer. */
  readonly commandMs: number;
};

/** The elector speaks every 100 ms: silent for longer than this, it is not there to be asked. */
const electorSilentMs = 1000;

/** The frame-forwarder speaks each second. */
const forwarderSilentMs = 3000;

/** The elector waits up to a second until others have taken what it holds. */
const leaveMs = 3000;

/** Whoever takes an address says so at once, and after 50 and 200 ms again. */
const settleMs = 300;

/** What is slow is nft, which takes the cap engine's rules away. */
const uninstallMs = 6000;

const afterwards = 'it may have been carried out or not: look with taco status before you repeat it';

/** The one door for operators: hears what all say, answers what `taco` asks. */
export class Broker {
  readonly #parts: Parts;
  #lastWords: LastWords = {};

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Hears and answers from now on, until the bus is closed. */
  open(): void {
    const {bus, log} = this.#parts;
    bus.hear({
      'elector.state': message => {
        try {
          this.#keep('elector.state', readState(message));
        } catch (error) {
          log.warn('state dropped', {reason: String(error)});
        }
      },
      'elector.view': message => this.#keep('elector.view', message),
      'announcer.status': message => this.#keep('announcer.status', message),
      'forwarder.status': message => this.#keep('forwarder.status', message),
    });
    bus.answer({'admin.ask': async question => this.#answer(question)});
  }

  #keep<T extends HeardBy<'admin-broker'>>(topic: T, message: NonNullable<LastWords[T]>['message']): void {
    this.#lastWords = {...this.#lastWords, [topic]: {message, at: this.#parts.clock.now()}};
  }

  /** Everything that may be asked stands here; the rest is refused. */
  async #answer({status, table, command, explain, drain, force}: Asked<'admin.ask'>): Promise<Reply<'admin.ask'>> {
    const {clock, log, snoopedGroup, software} = this.#parts;
    if (status) {
      const group = snoopedGroup && {snoopedGroup: ipToBytes(snoopedGroup)};
      return {status: {...collect(this.#lastWords, clock.now(), software), ...group}};
    }

    if (table) {
      return answerTable(this.#lastWords['elector.state']?.message, table.group);
    }

    if (explain) {
      return await this.#explain(explain);
    }

    if (drain) {
      return await this.#drain(drain);
    }

    const words = command ? describeCommand(command) : undefined;
    if (!command || words === undefined || command.id.length !== 16) {
      log.warn('question refused', {reason: 'not one that admin-broker answers'});
      return {
        refusal: `admin-broker ${software} does not know this question`,
        advice: 'taco version shows whether taco and admin-broker are of one version',
      };
    }

    return await this.#change(command, force ? `${words} force` : words, force);
  }

  async #explain(asked: NonNullable<Asked<'admin.ask'>['explain']>): Promise<Reply<'admin.ask'>> {
    const {bus, clock} = this.#parts;
    const silenceMs = silenceOf(this.#lastWords, 'frame-forwarder', clock.now());
    const isSilent = silenceMs > forwarderSilentMs;
    return answerExplain(asked, {
      heard: this.#lastWords['elector.state']?.message,
      forwarder: this.#lastWords['forwarder.status']?.message,
      askEngine: isSilent ? undefined : async question => bus.ask('forwarder.explain', question, engineMs),
      silence: isSilent ? describeSilence(silenceMs) : '',
    });
  }

  async #drain(asked: NonNullable<Asked<'admin.ask'>['drain']>): Promise<Reply<'admin.ask'>> {
    const {audit, bus, clock, log} = this.#parts;
    const now = clock.now();
    const isSilent = silenceOf(this.#lastWords, 'frame-forwarder', now) > forwarderSilentMs;
    const answer =
      silenceOf(this.#lastWords, 'elector', now) > electorSilentMs
        ? {
            refusal: 'the elector of this leveler is silent: it cannot say that it leaves',
            advice: 'taco logs elector shows why',
          }
        : await answerDrain(asked, {
            name: this.#ownName(),
            idOf: name => this.#peers().find(peer => peer.name === name)?.id,
            askElector: async question => bus.ask('elector.leave', question, leaveMs),
            askForwarder: isSilent ? undefined : async () => bus.ask('forwarder.uninstall', {}, uninstallMs),
            settle: async () =>
              new Promise(resolve => {
                clock.after(settleMs, resolve);
              }),
          });
    const told = {
      by: `uid:${asked.uid}`,
      leveler: asked.name || this.#ownName(),
      uninstall: asked.uninstall,
      force: asked.force,
    };
    if (answer.refusal) {
      log.notice(asked.undo ? 'undrain refused' : 'drain refused', {...told, reason: answer.refusal});
    } else {
      log.notice(asked.undo ? 'leveler undrained' : 'leveler drained', told);
    }

    const options = `${asked.uninstall ? ' uninstall' : ''}${asked.force ? ' force' : ''}`;
    const verb = asked.undo ? 'undrain' : 'drain';
    audit({
      uid: asked.uid,
      command: `${verb} leveler ${told.leveler}${options}`,
      from: this.#version(),
      to: this.#version(),
      ...(answer.refusal ? {refused: answer.refusal} : {}),
    });

    return answer;
  }

  #peers(): Incoming<'elector.view'>['peers'] {
    return this.#lastWords['elector.view']?.message.peers ?? [];
  }

  #ownName(): string {
    const self = this.#lastWords['elector.view']?.message.self;
    return this.#peers().find(({id}) => id === self)?.name ?? '';
  }

  async #change(command: Command, words: string, isForced: boolean): Promise<Reply<'admin.ask'>> {
    const {log, audit, nets, ownAddresses} = this.#parts;
    const before = this.#version();
    const known = knownNetwork(nets, this.#lastWords, ownAddresses());
    const answer: Reply<'admin.ask'> =
      checkAddresses(command, known, isForced) ??
      this.#refuseIfSilent() ??
      (isForced ? undefined : await this.#findServer(command)) ??
      (await this.#askElector(command));
    const told = {by: `uid:${command.uid}`, command: words, from: before};
    const who = {uid: command.uid, command: words, from: before};
    if (answer.refusal) {
      log.notice('change refused', {...told, reason: answer.refusal});
      audit({...who, to: this.#version(), refused: answer.refusal});
    } else {
      const version = answer.command?.version;
      const to = version ? formatPlain(version) : 'none';
      log.notice('change made', {...told, to});
      audit({...who, to});
    }

    return answer;
  }

  #refuseIfSilent(): Reply<'admin.ask'> | undefined {
    return silenceOf(this.#lastWords, 'elector', this.#parts.clock.now()) > electorSilentMs
      ? {
          refusal: 'the elector of this leveler is silent: nothing can be changed from here',
          advice: 'taco logs elector shows why; or ask another leveler',
        }
      : undefined;
  }

  async #findServer(command: Command): Promise<Reply<'admin.ask'> | undefined> {
    const {bus, nets} = this.#parts;
    return findServer(command, {
      netB: nets.netB,
      peers: this.#peers(),
      ask: async question => bus.ask('announcer.find', question, findMs),
    });
  }

  async #askElector(command: Command): Promise<Reply<'admin.ask'>> {
    const {bus, commandMs} = this.#parts;
    try {
      const answer = await bus.ask('elector.command', {command}, commandMs);
      return {refusal: answer.refusal, advice: answer.advice, command: answer};
    } catch (error) {
      if (error instanceof WorldError) {
        return {refusal: `the elector gave no answer within ${commandMs / 1000} s`, advice: afterwards};
      }

      throw error;
    }
  }

  /** The version in force here, for people. */
  #version(): string {
    const version = this.#lastWords['elector.state']?.message.state.version;
    return version ? formatPlain(version) : 'none';
  }
}

/** Why the frame-forwarder is not asked. */
function describeSilence(silenceMs: number): string {
  return silenceMs === never
    ? 'frame-forwarder was never heard'
    : `frame-forwarder has said nothing for ${Math.round(silenceMs / 1000)} s`;
}

type PlainVersion = {readonly term?: number | undefined; readonly index?: number | undefined};

/** As `formatVersion` has it: who made it is not for people. */
function formatPlain({term = 0, index = 0}: PlainVersion): string {
  return `${term}.${index}`;
}
