import {WorldError} from '@tacoplex/errors';
import type {Answer, Asked, Question, Reply} from '@tacoplex/messages';
import {ipFromBytes} from '@tacoplex/vocabulary';

type DrainAsked = NonNullable<Asked<'admin.ask'>['drain']>;
type AdminAnswered = Reply<'admin.ask'>;

export type DrainParts = {
  /** Of this leveler. */
  readonly name: string;
  /** Number of the leveler of that name; undefined: there is none. */
  readonly idOf: (name: string) => number | undefined;
  /** @throws WorldError NO_ANSWER */
  readonly askElector: (question: Required<Question<'elector.leave'>>) => Promise<Answer<'elector.leave'>>;
  /** Undefined: frame-forwarder is silent. @throws WorldError NO_ANSWER */
  readonly askForwarder: (() => Promise<Answer<'forwarder.uninstall'>>) | undefined;
  /** Resolves when every neighbour has had the time to hear who holds the shared addresses now. */
  readonly settle: () => Promise<void>;
};

/**
 * Have a leveler leave, and then, if that is wanted, this one's data path taken away. Each step is taken only when the
 * one before has done what it should: nothing goes away while frames come in. Or have it stay after all.
 */
export async function answerDrain(asked: DrainAsked, parts: DrainParts): Promise<AdminAnswered> {
  const name = asked.name === '' ? parts.name : asked.name;
  const refusal = refuse(asked, name, parts);
  if (refusal !== undefined) {
    return refusal;
  }

  const leveler = name === parts.name ? 0 : (parts.idOf(name) ?? 0);
  const left = await orNone(parts.askElector({leveler, stay: asked.undo, force: asked.force}));
  if (left === undefined) {
    return {refusal: 'the elector gave no answer', advice: `taco leveler list shows whether ${name} leaves`};
  }

  if (left.refusal !== '') {
    return {refusal: name === parts.name ? left.refusal : `${name}: ${left.refusal}`, advice: left.advice};
  }

  if (left.held.length > 0 && !asked.force && !asked.undo) {
    return stillHolds(name, left.held, asked.uninstall);
  }

  return asked.uninstall && !asked.undo ? uninstall(parts, left.held) : {drain: {name, held: left.held}};
}

function refuse({uninstall: isToGo}: DrainAsked, meant: string, {name, idOf, askForwarder}: DrainParts) {
  if (meant !== name && idOf(meant) === undefined) {
    return {refusal: `there is no leveler ${meant}`, advice: 'taco leveler list shows the levelers there are'};
  }

  if (meant !== name && isToGo) {
    return {
      refusal: `this is leveler ${name}: the data path of ${meant} is uninstalled on ${meant} itself`,
      advice: `on ${meant}: taco leveler drain ${meant} --uninstall; without --uninstall it can be drained from here`,
    };
  }

  return isToGo && askForwarder === undefined
    ? {
        refusal: 'frame-forwarder is silent: its data path cannot be uninstalled, and nothing was done',
        advice: 'taco logs frame-forwarder shows why; without --uninstall this leveler leaves all the same',
      }
    : undefined;
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
