import {createCipheriv} from 'node:crypto';
import {linkSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {writeNginxConf} from './host-files.ts';
import type {Host} from './plan.ts';
import {intoNetwork, type Shell} from './shell.ts';

/** Length of the page `/10m`. */
export const bigPageBytes = 10_000_000;

/** The page `/10m`, the same on every server of every laboratory: AES in counter mode over zeros, under a fixed key. */
export function bigPage(): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 'tacoplex'), Buffer.alloc(16)).update(
    Buffer.alloc(bigPageBytes),
  );
}

/** Where the servers' shared page is kept in a laboratory's folder. */
export function bigPagePath(folder: string): string {
  return join(folder, '10m');
}

/** Give a server its folder: configuration, and the pages `/`, `/name` and `/10m`. */
export function furnishServer(folder: string, name: string): void {
  const html = join(folder, name, 'html');
  mkdirSync(html, {recursive: true});
  mkdirSync(join(folder, name, 'tmp'));
  writeFileSync(join(folder, name, 'nginx.conf'), writeNginxConf());
  writeFileSync(join(html, 'name'), `${name}\n`);
  linkSync(bigPagePath(folder), join(html, '10m'));
}

/**
 * Start the nginx of a server; it listens when this returns.
 *
 * @param place the laboratory's folder, and the words that lead into the server's cgroup
 */
export async function startNginx(
  shell: Shell,
  {folder, enter}: {folder: string; enter: readonly string[]},
  {name, namespace}: Host,
): Promise<void> {
  const prefix = join(folder, name);
  const argv = ['nginx', '-p', `${prefix}/`, '-c', join(prefix, 'nginx.conf'), '-e', join(prefix, 'error.log')];
  await shell.must([...enter, ...intoNetwork(namespace), ...argv]);
}
