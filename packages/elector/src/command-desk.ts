import {randomBytes} from 'node:crypto';
import {type Command, encodeCommand} from '@tacoplex/cluster';
import type {Outcome} from '@tacoplex/election';
import {ConfigError} from '@tacoplex/errors';
import type {Asked, Reply} from '@tacoplex/messages';
import {fromCommandAsked, toCommandAnswered} from './bus-wire.ts';
import type {KeyKeeper} from './key-keeper.ts';

/** Where operators of this leveler ask for changes, and are answered once the cluster has decided. */
export class CommandDesk {
  readonly #keys: Pick<KeyKeeper, 'addition'>;
  readonly #ask: (request: string, command: Uint8Array) => void;
  readonly #waiting = new Map<string, (outcome: Outcome) => void>();

  /** @param ask hands a command to the election, which settles the request of that name */
  constructor(keys: Pick<KeyKeeper, 'addition'>, ask: (request: string, command: Uint8Array) => void) {
    this.#keys = keys;
    this.#ask = ask;
  }

  async answer(asked: Asked<'elector.command'>): Promise<Reply<'elector.command'>> {
    const request = randomBytes(8).toString('hex');
    try {
      const command = this.#complete(fromCommandAsked(asked));
      const outcome = await new Promise<Outcome>(resolve => {
        this.#waiting.set(request, resolve);
        this.#ask(request, command);
      });
      this.#waiting.delete(request);
      return toCommandAnswered(outcome);
    } catch (error) {
      if (error instanceof ConfigError) {
        return {refusal: error.message, advice: 'put it there on every leveler, and type the same again'};
      }

      if (!(error instanceof RangeError)) {
        throw error;
      }

      return {refusal: `the command cannot be read: ${error.message}`, advice: 'see: taco help'};
    }
  }

  /** The cluster has decided. A request that is none of this desk's is no fault. */
  settle(request: string, outcome: Outcome): void {
    this.#waiting.get(request)?.(outcome);
  }

  /** A new key is drawn by the elector that is asked for it: operators neither see nor send a secret. */
  #complete(command: Command): Uint8Array {
    const {operation} = command;
    return encodeCommand(
      operation.kind === 'addKey' ? {...command, operation: this.#keys.addition(operation)} : command,
    );
  }
}
