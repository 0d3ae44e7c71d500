import type {Machine} from './machine.ts';

/** One thing that is measured. Others are added to the list in `benches.ts`. */
export type Bench<Figures extends object = object> = {
  /** What one types after `bench`, and what the document says it is. */
  readonly name: string;
  /** One line of help. */
  readonly summary: string;
  /** Options beside those that all have, in the order of the help. */
  readonly options?: readonly BenchOption[];
  readonly run: (options: RunOptions) => Promise<Figures>;
  /** The figures for people: lines without a newline at the end. */
  readonly print: (figures: Figures) => string;
  /** What design and issue ask for, and whether it is so. */
  readonly targets: (figures: Figures) => readonly Target[];
};

export type BenchOption = {
  /** As commander has them, such as `--engine <engine>`. */
  readonly flags: string;
  readonly help: string;
  readonly fallback?: string;
};

export type RunOptions = {
  /** Fewer samples: to see that it runs, not how fast. */
  readonly quick: boolean;
  /** The bench's own options, by name; unset ones without a fallback are missing. */
  readonly own: Readonly<Record<string, string>>;
  /** Say how far it is. Shown only where somebody looks. */
  readonly progress: (done: number, total: number, what: string) => void;
};

export type Target = {
  /** Such as `change, median <= 20 ms`. */
  readonly what: string;
  readonly value: number;
  readonly met: boolean;
};

/** What `--json` prints: the bench's figures between its name and where they were measured. */
export type Document = {readonly bench: string} & Readonly<Record<string, unknown>> & Machine;
