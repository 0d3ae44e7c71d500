import {closeSync, openSync} from 'node:fs';
import {WorldError} from '@tacoplex/errors';
import {koffi} from './koffi.ts';

const newNet = 0x40000000; // CLONE_NEWNET of <sched.h>

type Libc = {
  readonly setns: (descriptor: number, kind: number) => number;
  readonly if_nametoindex: (name: string) => number;
};

let loaded: Libc | undefined;

/**
 * Do something that does not wait for anything with this thread in a network namespace.
 *
 * @param path such as `/run/netns/x`
 * @throws WorldError PERMISSION_MISSING; what `act` throws
 */
export function withinNetwork<Value>(path: string, act: () => Value): Value {
  const here = openSync('/proc/thread-self/ns/net', 'r');
  try {
    enterNetwork(path);
    return act();
  } finally {
    libc().setns(here, newNet);
    closeSync(here);
  }
}

/** Take this thread into a network namespace. @param path such as `/run/netns/x` @throws WorldError PERMISSION_MISSING */
export function enterNetwork(path: string): void {
  const descriptor = openSync(path, 'r');
  const result = libc().setns(descriptor, newNet);
  closeSync(descriptor);
  if (result !== 0) {
    throw new WorldError(`cannot enter ${path}`, {code: 'PERMISSION_MISSING', capability: 'CAP_SYS_ADMIN'});
  }
}

/** The number of an interface in the namespace that this thread is in. @throws WorldError INTERFACE_UNUSABLE */
export function interfaceIndex(name: string): number {
  const index = libc().if_nametoindex(name);
  if (index === 0) {
    throw new WorldError(`there is no interface ${name}`, {code: 'INTERFACE_UNUSABLE', interfaceName: name});
  }

  return index;
}

function libc(): Libc {
  if (loaded === undefined) {
    const library = koffi.load('libc.so.6');
    loaded = {
      setns: library.func('int setns(int, int)'),
      if_nametoindex: library.func('unsigned int if_nametoindex(const char *)'),
    } as Libc;
  }
  return loaded;
}
