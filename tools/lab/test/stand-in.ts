import {chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

const root = resolve(import.meta.dirname, '../../../..');

/** A project whose processes only live and whose `taco` only writes down what it is asked. */
export function makeStandIn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-stand-in-'));
  chmodSync(folder, 0o755); // The processes are not root's
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), {recursive: true});
  const units = readdirSync(join(root, 'deploy/systemd')).filter(name => name.endsWith('.service'));
  for (const unit of units) {
    const source = join(folder, 'packages', unit.replace(/^tacoplex-|\.service$/g, ''), 'dist/bundle');
    mkdirSync(source, {recursive: true});
    writeFileSync(join(source, 'main.js'), 'console.log("started"); setInterval(() => {}, 60_000);\n');
  }

  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, {recursive: true});
  writeFileSync(
    join(bin, 'taco'),
    '#!/bin/sh\necho "$HOSTNAME: $*" >>/var/log/tacoplex/taco.log\necho \'{"leader":"leveler0"}\'\n',
  );
  chmodSync(join(bin, 'taco'), 0o755);
  return folder;
}
