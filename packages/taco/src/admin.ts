import {realpathSync} from 'node:fs';
import {createConnection} from 'node:net';
import {userInfo} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {openBus} from '@tacoplex/bus';
import {WorldError} from '@tacoplex/errors';
import {createLog} from '@tacoplex/log';
import type {Answer, Question} from '@tacoplex/messages';
import {Misunderstanding, Refusal} from './refusals.ts';

/** The admin-broker of a leveler, as taco reaches it. */
export type Admin = {
  /** @throws Refusal if the broker refuses, or gives no answer within `timeoutMs` */
  ask(question: Question<'admin.ask'>, timeoutMs: number): Promise<Answer<'admin.ask'>>;
  close(): Promise<void>;
};

const socketName = 'admin-broker.sock';
const group = 'tacoplex';
const probeMs = 1000;

/**
 * Open the way to the broker that listens on `socket`.
 *
 * @param socket its socket `admin-broker.sock`, the folder that holds it, or a link to either
 * @throws Refusal if there is no broker, or this user may not speak to it
 * @throws Misunderstanding if `socket` is something else
 */
export async function openAdmin(socket: string): Promise<Admin> {
  const found = realpath(basename(socket).endsWith('.sock') ? socket : join(socket, socketName));
  await probe(found);
  if (basename(found) !== socketName) {
    throw new Misunderstanding(`${socket} is no socket of an admin-broker`, `its name is ${socketName}`);
  }

  const bus = await openBus(
    'taco',
    dirname(found),
    createLog('taco', 'error', () => {}),
  );
  return {
    async ask(question, timeoutMs) {
      const answer = await bus.ask('admin.ask', question, timeoutMs).catch(error => {
        throw error instanceof WorldError ? noAnswer(timeoutMs, error) : error;
      });
      if (answer.refusal !== '') {
        throw new Refusal(answer.refusal, answer.advice);
      }

      return answer;
    },
    close: async () => bus.close(),
  };
}

function noAnswer(timeoutMs: number, cause: Error): Refusal {
  return new Refusal(
    `admin-broker gave no answer within ${timeoutMs / 1000} s`,
    'taco logs admin-broker shows whether it runs; whether a change was made, taco status tells',
    {cause},
  );
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // The probe says what is wrong with it
  }
}

/** ZeroMQ retries for ever, and in silence, where a plain connection is told why not. */
async function probe(path: string): Promise<void> {
  const socket = createConnection(path);
  const fault = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    const limit = setTimeout(() => resolve(Object.assign(new Error('no answer'), {code: 'ETIMEDOUT'})), probeMs);
    socket.on('connect', () => resolve(undefined));
    socket.on('error', resolve);
    socket.on('close', () => clearTimeout(limit));
  });
  socket.destroy();
  if (fault !== undefined) {
    throw new Refusal(...explain(fault.code, path), {cause: fault});
  }
}

function explain(code: string | undefined, path: string): [message: string, advice: string] {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTDIR':
      return [
        `no admin-broker is running here (nobody listens on ${path})`,
        'on a leveler: supervisorctl status, or systemctl status tacoplex.target; elsewhere: taco --socket PATH …',
      ];
    case 'EACCES':
    case 'EPERM':
      return [
        `${userInfo().username} may not open ${path}`,
        `join the group ${group} and log in again: sudo usermod -aG ${group} ${userInfo().username}; or use sudo taco …`,
      ];
    default:
      return [`${path} cannot be opened (${code ?? 'no reason given'})`, 'taco --socket PATH … names another one'];
  }
}
