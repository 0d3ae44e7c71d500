import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {WorldError} from '@tacoplex/errors';

/** Offloads that join frames into larger ones. With any of them on, a capture gets a ring of few, huge slots. */
export const offloadNames = ['tso', 'gso', 'gro', 'lro'] as const;
export type Offload = (typeof offloadNames)[number];

const longNames: Readonly<Record<string, Offload>> = {
  'tcp-segmentation-offload': 'tso',
  'generic-segmentation-offload': 'gso',
  'generic-receive-offload': 'gro',
  'large-receive-offload': 'lro',
};

/** The offloads that are on, in the order of `offloadNames`. @throws WorldError COMMAND_FAILED */
export async function readOffloads(interfaceName: string): Promise<Offload[]> {
  return parseOffloads(await runEthtool('-k', interfaceName));
}

/**
 * Switch off what is on; do it before the first capture is opened.
 *
 * @returns what was on and is off now; empty if nothing had to be done
 * @throws WorldError COMMAND_FAILED if ethtool is missing, may not, or the driver refuses; its message is the command to type
 */
export async function disableOffloads(interfaceName: string): Promise<Offload[]> {
  const before = await readOffloads(interfaceName);
  if (before.length > 0) {
    await runEthtool('-K', interfaceName, ...before.flatMap(name => [name, 'off']));
  }

  const left = await readOffloads(interfaceName);
  if (left.length > 0) {
    throw new WorldError(`the driver keeps ${left.join(', ')} on`, commandFailed(disableCommand(interfaceName)));
  }

  return before;
}

/** What an operator types to the same end. */
export function disableCommand(interfaceName: string): string {
  return `ethtool -K ${interfaceName} ${offloadNames.map(name => `${name} off`).join(' ')}`;
}

/** The offloads that are on, from what `ethtool -k` prints. */
export function parseOffloads(text: string): Offload[] {
  const on = text.split('\n').flatMap(line => {
    const [, name = '', value] = /^([a-z-]+): (on|off)\b/.exec(line) ?? [];
    const offload = longNames[name];
    return offload !== undefined && value === 'on' ? [offload] : [];
  });
  return offloadNames.filter(name => on.includes(name));
}

async function runEthtool(...words: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('ethtool', words, {timeout: 5000})).stdout;
  } catch (cause) {
    const {stderr, message} = cause as Error & {stderr?: string};
    const command = `ethtool ${words.join(' ')}`;
    throw new WorldError(`${command}: ${stderr?.trim() || message}`, commandFailed(command), {cause});
  }
}

function commandFailed(command: string): {code: 'COMMAND_FAILED'; command: string} {
  return {code: 'COMMAND_FAILED', command};
}
