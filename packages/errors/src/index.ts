/** What went wrong, as data: a code, and the facts that belong to that code. */
export type Facts = {readonly code: string} & Readonly<Record<string, string | number>>;

/** The parent of every error this project throws on purpose. */
export class TacoplexError<F extends Facts> extends Error {
  readonly facts: F;

  constructor(message: string, facts: F, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.facts = facts;
  }
}

/** The operator can mend it: a file, an argument, the machine's interfaces. Thrown before anything starts; exit 2. */
export class ConfigError extends TacoplexError<
  | {readonly code: 'CONFIG_UNREADABLE'; readonly file: string}
  | {readonly code: 'CONFIG_INVALID'; readonly file: string; readonly line: number; readonly path: string}
  | {readonly code: 'KEY_UNUSABLE'; readonly file: string}
  | {readonly code: 'NET_UNMATCHED'; readonly net: string; readonly subnet: string}
  | {readonly code: 'USAGE'}
> {}

/** The world failed: an interface, a socket, another process. The shell retries, or gives up; exit 1. */
export class WorldError extends TacoplexError<
  | {readonly code: 'ENDPOINT_UNUSABLE'; readonly endpoint: string}
  | {readonly code: 'ALREADY_RUNNING'; readonly process: string}
  | {readonly code: 'INTERFACE_UNUSABLE'; readonly interfaceName: string}
  | {readonly code: 'PERMISSION_MISSING'; readonly capability: string}
  | {readonly code: 'COMMAND_FAILED'; readonly command: string}
  | {readonly code: 'KERNEL_REFUSED'; readonly operation: string; readonly errno: string}
  | {readonly code: 'NO_ANSWER'; readonly endpoint: string}
> {}

/** We failed: our own code broke its promise. Never caught; the supervisor starts us afresh. */
export class BugError extends TacoplexError<{readonly code: 'BUG'}> {
  constructor(promise: string, options?: ErrorOptions) {
    super(`broken promise: ${promise}`, {code: 'BUG'}, options);
  }
}
