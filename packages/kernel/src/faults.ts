import {constants} from 'node:os';
import {WorldError} from '@tacoplex/errors';
import {missingCapabilities} from './capabilities.ts';
import {koffi} from './koffi.ts';
import type {Pointer} from './libbpf.ts';

/** `ENOENT` for 2. */
export function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
}

/**
 * What the kernel has refused, as an error that says what to do where that is known.
 *
 * @param operation completes "cannot …"
 * @param more what else is known of the cause
 */
export function refusal(operation: string, errno: number, more = ''): WorldError {
  const missing = missingCapabilities();
  const name = errorName(errno);
  if ((errno === constants.errno.EPERM || errno === constants.errno.EACCES) && missing.length > 0) {
    const capability = missing.join(', ');
    return new WorldError(
      `cannot ${operation}: ${capability} missing; give this process ${capability}, or run it as root`,
      {
        code: 'PERMISSION_MISSING',
        capability,
      },
    );
  }

  return new WorldError(`cannot ${operation}: ${name}${more === '' ? '' : `; ${more}`}`, {
    code: 'KERNEL_REFUSED',
    operation,
    errno: name,
  });
}

/** @param result of a function that gives -errno on failure @returns what it gave @throws WorldError */
export function check(result: number, operation: string, more?: string): number {
  if (result < 0) {
    throw refusal(operation, -result, more);
  }

  return result;
}

/** @param result of a function that gives NULL and sets errno on failure @throws WorldError */
export function checkPointer(result: Pointer | null, operation: string): Pointer {
  if (result === null) {
    throw refusal(operation, koffi.errno());
  }

  return result;
}
