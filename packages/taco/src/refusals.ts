import {TacoplexError} from '@tacoplex/errors';

/** The cluster, the broker or this machine does not do it, and nothing was changed; exit 1. */
export class Refusal extends TacoplexError<{readonly code: 'REFUSED'; readonly advice: string}> {
  /** @param advice what to type next; may be empty */
  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, {code: 'REFUSED', advice}, options);
  }
}

/** The words do not make a command; exit 2. */
export class Misunderstanding extends TacoplexError<{readonly code: 'NOT_UNDERSTOOD'; readonly advice: string}> {
  /** @param advice what to type instead; may be empty */
  constructor(message: string, advice: string) {
    super(message, {code: 'NOT_UNDERSTOOD', advice});
  }
}
