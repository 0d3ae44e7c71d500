import {request} from 'node:http';

/** A process of a leveler as its supervisord sees it. */
export type Supervised = {
  readonly name: string;
  /** STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED or FATAL. */
  readonly state: string;
  /** In the leveler's PID namespace; 0 while it does not run. */
  readonly pid: number;
  /** Whole seconds since it was started. */
  readonly upS: number;
};

/**
 * Ask a supervisord for its processes. Costs a few milliseconds, where supervisorctl costs a Python.
 *
 * @param socketPath its Unix socket
 * @returns undefined while it does not answer
 */
export async function askSupervisor(socketPath: string): Promise<readonly Supervised[] | undefined> {
  try {
    return parseProcesses(await call(socketPath, 'supervisor.getAllProcessInfo'));
  } catch {
    return undefined; // Not there yet, or going down
  }
}

/** Read supervisord's answer: one struct for each process, of which some members matter. */
export function parseProcesses(xml: string): Supervised[] {
  return xml
    .split('<struct>')
    .slice(1)
    .map(struct => ({
      name: member(struct, 'name'),
      state: member(struct, 'statename'),
      pid: Number(member(struct, 'pid')),
      upS: Number(member(struct, 'now')) - Number(member(struct, 'start')),
    }));
}

function member(struct: string, name: string): string {
  return new RegExp(`<name>${name}</name>\\s*<value><\\w+>([^<]*)<`).exec(struct)?.[1] ?? '';
}

async function call(socketPath: string, method: string): Promise<string> {
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params/></methodCall>`;
  return new Promise((resolve, reject) => {
    const asking = request(
      {socketPath, path: '/RPC2', method: 'POST', headers: {'content-type': 'text/xml', 'content-length': body.length}},
      answer => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      },
    );
    asking.setTimeout(2000, () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end(body);
  });
}
