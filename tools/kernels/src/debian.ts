import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {runCommand} from './run-command.ts';

/** Packages of kernels that boot in any machine, by name such as linux-image-6.1.0-50-cloud-amd64. */
export function listKernels(): string[] {
  const found = runCommand('apt-cache', ['search', '--names-only', '^linux-image-[0-9].*-cloud-amd64$']);
  return newestOfEach(
    found
      .toString()
      .split('\n')
      .map(line => line.split(' ')[0] ?? ''),
  );
}

/** The newest of each series (two numbers), ascending; whatever is no kernel is left out. */
export function newestOfEach(names: readonly string[]): string[] {
  const newest = new Map<string, string>();
  const order = new Intl.Collator('en', {numeric: true});
  for (const name of names.filter(text => text !== '').toSorted(order.compare)) {
    const series = /^linux-image-(\d+\.\d+)/.exec(name)?.[1];
    if (series !== undefined) {
      newest.set(series, name);
    }
  }

  return [...newest.values()];
}

/** Download a package and unpack it, without installing it. @returns the folder with its files @throws WorldError */
export function unpackPackage(name: string, folder: string): string {
  runCommand('apt-get', ['download', '-qq', name], {cwd: folder});
  const file = readdirSync(folder).find(entry => entry.startsWith(`${name}_`) && entry.endsWith('.deb')) ?? name;
  const unpacked = join(folder, name);
  runCommand('dpkg-deb', ['--extract', join(folder, file), unpacked]);
  return unpacked;
}
