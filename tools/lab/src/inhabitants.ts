import {initOf} from './leveler-init.ts';
import {
  isAlive,
  nameProcesses,
  namespaceId,
  type ProcessName,
  processesIn,
  programOf,
  signalProcess,
} from './processes.ts';
import {waitFor} from './wait-for.ts';

/**
 * What runs on a leveler or a server and ends with it, its first process first.
 *
 * @param home the host's folder in the laboratory's
 * @param namespace its network namespace
 */
export function inhabitantsOf(home: string, namespace: string): ProcessName[] {
  const init = initOf(home);
  if (init === undefined) {
    return nginxOf(namespace);
  }

  const pids = processesIn('pid', new Set([namespaceId(`/proc/${init}/ns/pid`) ?? '']));
  return nameProcesses([init, ...pids.filter(pid => pid !== init)]);
}

/** The processes of the nginx in a network namespace. */
export function nginxOf(namespace: string): ProcessName[] {
  const id = namespaceId(`/run/netns/${namespace}`) ?? '';
  return nameProcesses(processesIn('net', new Set([id])).filter(pid => programOf(pid) === 'nginx'));
}

export function signalEach(processes: readonly ProcessName[], signal: NodeJS.Signals): void {
  for (const {pid} of processes) {
    signalProcess(pid, signal);
  }
}

/** @throws WorldError NO_ANSWER */
export async function waitUntilDead(victims: readonly ProcessName[], hostName: string): Promise<void> {
  const what = `what ran on ${hostName} is dead`;
  await waitFor(() => !victims.some(isAlive), {timeoutMs: 5000, what, everyMs: 5});
}
