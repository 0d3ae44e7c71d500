#!/usr/bin/env node
/**
 * uninstall-main - take the data path off the interfaces of this machine, for good.
 *
 * usage: node packages/xdp-engine/dist/src/uninstall-main.js [--bpffs folder] interface… | --all
 *
 * For the removal of the package, and for a data path that was left behind; on a leveler that runs, use
 * `taco leveler drain --uninstall`. Stop frame-forwarder first: one that runs is not told, and a started one installs the
 * program again. Detaches the program from each interface and removes what is pinned for it; of programs that are not
 * ours none is touched.
 *
 * --all    every interface that anything is pinned for
 * --bpffs  where the BPF file system is (default: /sys/fs/bpf)
 *
 * Needs  root, or CAP_BPF, CAP_NET_ADMIN and the right to write to the BPF file system
 * Exits  0 nothing of ours is left there, whether or not there was anything; 1 the kernel refuses; 2 not understood
 */
import {parseArgs} from 'node:util';
import {WorldError} from '@tacoplex/errors';
import {usualBpffs} from '@tacoplex/kernel';
import {uninstallXdp} from './bring-up.ts';
import {listInterfaces, removeRoot} from './pins.ts';

type Wish = {readonly bpffs: string; readonly interfaces: readonly string[] | 'all'};

/** @returns undefined if the words make no sense */
function readWish(): Wish | undefined {
  try {
    const {values, positionals} = parseArgs({
      options: {all: {type: 'boolean', default: false}, bpffs: {type: 'string', default: usualBpffs}},
      allowPositionals: true,
    });
    const isClear = values.all !== positionals.length > 0 && positionals.every(isInterfaceName);
    return isClear ? {bpffs: values.bpffs, interfaces: values.all ? 'all' : positionals} : undefined;
  } catch {
    return undefined;
  }
}

/** As the kernel has it: no slash, and neither of the two folders that are everywhere. */
function isInterfaceName(word: string): boolean {
  return /^[^/\s:]{1,15}$/.test(word) && word !== '.' && word !== '..';
}

function uninstall({bpffs, interfaces}: Wish): string[] {
  const names = interfaces === 'all' ? listInterfaces(bpffs) : interfaces;
  const told = names.map(name => `${name}: ${uninstallXdp(name, bpffs) ? 'uninstalled' : 'nothing was installed'}`);
  removeRoot(bpffs);
  return told.length === 0 ? ['nothing was installed'] : told;
}

/** Why the world did not let us; undefined: it is our own fault. */
function reasonOf(error: unknown): string | undefined {
  const isOfWorld = error instanceof WorldError || (error instanceof Error && 'syscall' in error);
  return isOfWorld ? error.message : undefined;
}

const wish = readWish();
if (wish === undefined) {
  process.stderr.write('usage: uninstall-main.js [--bpffs folder] interface… | --all\n');
  process.exitCode = 2;
} else {
  try {
    process.stdout.write(`${uninstall(wish).join('\n')}\n`);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) {
      throw error;
    }

    process.stderr.write(`uninstall-main: ${reason}\n`);
    process.exitCode = 1;
  }
}
