import {WorldError} from '@tacoplex/errors';
import {shared} from './addresses.ts';
import {statusWith} from './await-status.ts';
import type {Lab} from './lab.ts';

/** The service that every laboratory begins with, as `taco service add` takes it. */
export const firstServices = [`${shared.servIp.ipv4}:80/tcp`, `[${shared.servIp.ipv6}]:80/tcp`] as const;

/**
 * Tell a fresh cluster of its servers and its first services, as an operator would: with `taco` on the first leveler.
 *
 * @throws WorldError NO_ANSWER without a leader in the end; COMMAND_FAILED with what `taco` said
 */
export async function configureCluster(lab: Lab): Promise<void> {
  await waitForLeader(lab);
  for (const {name, links} of lab.servers) {
    await add(lab, ['server', 'add', name, links[0]?.ipv4 ?? '']);
  }
  for (const service of firstServices) {
    await add(lab, ['service', 'add', service]);
  }
}

/**
 * Add something. A young cluster on a busy machine may lose its leader again, and then does not know whether it was added:
 * it says so, and to try again. Its servers, or who looks for them, may be about to start.
 */
async function add(lab: Lab, words: readonly string[], patience = 5): Promise<void> {
  try {
    await taco(lab, words);
  } catch (error) {
    const refusal = error instanceof WorldError ? error.message : '';
    if (
      patience === 0 ||
      !/no leader|no majority|may still take effect|cannot be looked for|does not answer ARP/.test(refusal)
    ) {
      throw error;
    }

    await waitForLeader(lab);
    await add(lab, words, patience - 1).catch((again: unknown) => {
      if (!(again instanceof WorldError && again.message.includes(' already'))) {
        throw again;
      }
    });
  }
}

/** Wait until a leveler knows who leads. */
export async function waitForLeader(lab: Lab, leveler = 'leveler0', timeoutMs?: number): Promise<void> {
  await statusWith(lab, leveler, 'it knows a leader', ({leader}) => leader ?? undefined, {timeoutMs});
}

/**
 * Run `taco` on a leveler; it must succeed.
 *
 * @returns what it printed
 * @throws WorldError COMMAND_FAILED with the first line of its complaint
 */
export async function taco(lab: Lab, words: readonly string[], leveler = 'leveler0'): Promise<string> {
  const {code, stdout, stderr} = await lab.exec(leveler, ['taco', ...words]);
  if (code !== 0) {
    const command = `taco ${words.join(' ')}`;
    throw new WorldError(`${leveler}: ${command}: ${stderr.trim() || `exit code ${code}`}`, {
      code: 'COMMAND_FAILED',
      command,
    });
  }

  return stdout;
}
