import type {Admin} from './admin.ts';
import type {Refusal} from './refusals.ts';
import type {Style} from './text.ts';

/** What a verb needs of the world. */
export type World = {
  /** @throws Refusal, Misunderstanding */
  readonly admin: () => Promise<Admin>;
  /** The config file that was named with `-f` or TACOPLEX_CONFIG. */
  readonly configFile: string | undefined;
  readonly isJson: boolean;
  /** Writes one line to standard output, where no document fits. */
  readonly writeLine: (line: string) => void;
  /** Writes one line to standard error: what is worth knowing beside the document. */
  readonly writeNote: (line: string) => void;
  /** Whether people read standard output while it is written. */
  readonly isTerminal: boolean;
  /** A document as `--json` wants it, or for people. @param jsonIndent 0: on one line; default 2 */
  readonly format: (shown: Shown, jsonIndent?: number) => string;
  /** Says what is wrong and what to type next, as a command does that ends with it; one that goes on after it calls this. */
  readonly complain: (refusal: Refusal) => Promise<void>;
  /** From its first call on, SIGINT and SIGTERM are no end, but abort this. */
  readonly stopSignal: () => AbortSignal;
  /** Seconds since 1970. */
  readonly unixSeconds: () => number;
  /** Asks a question that is answered by yes or no. Undefined: there is no terminal to ask on. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Of taco itself. */
  readonly software: string;
};

/** What a verb has to show: one document, and the same for people; and whether it is no good news. */
export type Shown = {readonly document: object; readonly print: (style: Style) => string; readonly exit?: 1};

/** What follows a verb on the command line. Numbers are still text. */
export type Given = {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

/** All was written, and it is no good news: exit 1. */
export type Failed = {readonly exit: 1};

/** @returns undefined if it has written all it had to say itself */
export type Run = (world: World, given: Given) => Promise<Shown | Failed | undefined>;

/** One line of `taco help`. */
export type Verb = {
  readonly noun: string;
  /** Missing: the noun is the whole command. */
  readonly verb?: string;
  /** As the usage line has them: `<name>` must be given, `[name]` may be. */
  readonly operands?: readonly string[];
  readonly options?: readonly {readonly flags: string; readonly help: string}[];
  readonly help: string;
  readonly examples: readonly string[];
  readonly run: Run;
};
