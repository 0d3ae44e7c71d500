import type {Answer, Answers, AskedBy, Handlers, Outgoing, Process, Question, SaidBy} from '@tacoplex/messages';

/** What a process of one leveler says to the others and hears from them. The catalogue says who may say what. */
export type Bus<P extends Process> = {
  /**
   * Says a state. Whoever listens now gets it, and whoever begins to listen later gets the last one at once. A
   * listener that does not keep up misses older values, never the newest.
   */
  say<T extends SaidBy<P>>(topic: T, message: Outgoing<T>): void;

  /** Begins to hear; called once. Bytes that do not decode are dropped with one `warn` line. */
  hear(handlers: Handlers<P>): void;

  /** Begins to answer; called once. An answer that fails is a bug and ends the process. */
  answer(answers: Answers<P>): void;

  /** @throws WorldError NO_ANSWER if none came within `timeoutMs`, whatever the cause */
  ask<R extends AskedBy<P>>(request: R, question: Question<R>, timeoutMs: number): Promise<Answer<R>>;

  /** Sends what is queued, as far as that takes no longer than 200 ms. */
  close(): Promise<void>;
};

/**
 * The socket that a process answers and speaks on. The admin-broker's is for whoever may enter the run folder; the others are in
 * a folder of the processes' own, so that nobody passes by the broker and its audit.
 */
export function endpointOf(process: Process, runFolder: string): string {
  return `ipc://${process === 'admin-broker' ? runFolder : `${runFolder}/own`}/${process}.sock`;
}
