import {WorldError} from '@tacoplex/errors';
import type {Answer, Asked, Reply} from '@tacoplex/messages';
import {ipFromBytes} from '@tacoplex/vocabulary';

type DrainAsked = NonNullable<Asked<'admin.ask'>['drain']>;
type AdminAnswered = Reply<'admin.ask'>;

export type DrainParts = {
  /** Of this leveler. */
  readonly name: string;
  /** @throws WorldError NO_ANSWER */
  readonly askElector: (force: boolean) => Promise<Answer<'elector.leave'>>;
  /** Undefined: frame-forwarder is silent. @throws WorldError NO_ANSWER */
  readonly askForwarder: (() => Promise<Answer<'forwarder.uninstall'>>) | undefined;
  /** Resolves when every neighbour has had the time to hear who holds the shared addresses now. */
  readonly settle: () => Promise<void>;
};

/**
 * Have this leveler leave, and then, if that is wanted, its data path taken away. Each step is taken only when the one
 * before has done what it should: nothing goes away while frames come in.
 */
export async function answerDrain(asked: DrainAsked, parts: DrainParts): Promise<AdminAnswered> {
  const {name} = parts;
  const refusal = refuse(asked, parts);
  if (refusal !== undefined) {
    return refusal;
  }

  const left = await orNone(parts.askElector(asked.force));
  if (left === undefined) {
    return {refusal: 'the elector gave no answer', advice: 'taco status shows whether this leveler leaves'};
  }

  if (left.refusal !== '') {
    return {refusal: left.refusal, advice: left.advice};
  }

  if (left.held.length > 0 && !asked.force) {
    return stillHolds(name, left.held, asked.uninstall);
  }

  return asked.uninstall ? uninstall(parts, left.held) : {drain: {name, held: left.held}};
}

function refuse({name: meant, uninstall: isToGo}: DrainAsked, {name, askForwarder}: DrainParts) {
  if (meant !== '' && meant !== name) {
    return {
      refusal: `this is leveler ${name}: ${meant} is drained on ${meant} itself`,
      advice: typeThere(meant, isToGo),
    };
  }

  return isToGo && askForwarder === undefined
    ? {
        refusal: 'frame-forwarder is silent: its data path cannot be uninstalled, and nothing was done',
        advice: 'taco logs frame-forwarder shows why; without --uninstall this leveler leaves all the same',
      }
    : undefined;
}

function typeThere(meant: string, isToGo: boolean): string {
  return `on ${meant}: taco leveler drain${isToGo ? ' --uninstall' : ''}`;
}

function stillHolds(name: string, held: readonly Uint8Array[], isToGo: boolean): AdminAnswered {
  return {
    refusal: `leveler ${name} leaves, but nobody has taken ${held.map(ipFromBytes).join(', ')} yet: it goes on serving`,
    advice: `look with taco status, then repeat; --force ${isToGo ? 'uninstalls' : 'accepts that'} nevertheless`,
  };
}

async function uninstall(
  {name, askForwarder, settle}: DrainParts,
  held: readonly Uint8Array[],
): Promise<AdminAnswered> {
  await settle();
  const uninstalled = askForwarder === undefined ? undefined : await orNone(askForwarder());
  if (uninstalled === undefined || uninstalled.refusal !== '') {
    return {
      refusal: `leveler ${name} leaves, but its data path stays: ${uninstalled?.refusal ?? 'frame-forwarder gave no answer'}`,
      advice: 'taco status shows what it does; taco logs frame-forwarder shows why',
    };
  }

  return {drain: {name, held: [...held], uninstalled}};
}

async function orNone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WorldError) {
      return undefined;
    }

    throw error;
  }
}
