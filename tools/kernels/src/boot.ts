import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {type Finding, readConsole} from './read-console.ts';
import {runCommand} from './run-command.ts';

const memoryMiB = 768;
const limitMs = 1_800_000; // A busy machine emulates slowly

/** Start a kernel in an emulator, and hear what it says. @param unpacked folder of its package @throws WorldError */
export function bootKernel(unpacked: string, image: string): Finding {
  const boot = join(unpacked, 'boot');
  const kernel = join(boot, readdirSync(boot).find(name => name.startsWith('vmlinuz-')) ?? '');
  const said = runCommand(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg', '-cpu', 'max', '-m', String(memoryMiB)],
      ...['-nographic', '-no-reboot', '-net', 'none'],
      ...['-kernel', kernel, '-initrd', image, '-append', 'console=ttyS0 quiet panic=-1'],
    ],
    {input: '', timeout: limitMs},
  );
  return readConsole(said.toString('latin1'));
}
