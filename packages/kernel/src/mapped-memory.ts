import {BugError} from '@tacoplex/errors';
import {refusal} from './faults.ts';
import {koffi} from './koffi.ts';
import type {Pointer} from './libbpf.ts';

/** Of this machine's memory. */
export const pageBytes = 4096;
const read = 1; // PROT_READ
const write = 2; // PROT_WRITE
const shared = 1; // MAP_SHARED
const failed = 0xffff_ffff_ffff_ffffn; // MAP_FAILED

type Libc = {
  mmap(at: null, bytes: number, protection: number, flags: number, descriptor: number, offset: number): Pointer;
  munmap(at: Pointer, bytes: number): number;
};

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      mmap: library.func('void *mmap(void *, size_t, int, int, int, int64_t)'),
      munmap: library.func('int munmap(void *, size_t)'),
    } as unknown as Libc;
  }

  return libc;
}

/** Memory of the kernel that this process sees too. */
export class MappedMemory {
  readonly #at: Pointer;
  readonly #bytes: number;
  #buffer: ArrayBuffer | undefined;

  /**
   * @param part offset: a multiple of {@link pageBytes}, default 0; isReadOnly: a write ends the process
   * @throws WorldError KERNEL_REFUSED
   */
  constructor(
    descriptor: number,
    bytes: number,
    name: string,
    {offset = 0, isReadOnly = false}: {readonly offset?: number; readonly isReadOnly?: boolean} = {},
  ) {
    this.#bytes = Math.ceil(bytes / pageBytes) * pageBytes;
    const protection = isReadOnly ? read : read | write;
    this.#at = loadLibc().mmap(null, this.#bytes, protection, shared, descriptor, offset);
    if (BigInt.asUintN(64, this.#at) === failed) {
      throw refusal(`map the memory of ${name}`, koffi.errno());
    }

    this.#buffer = koffi.view(this.#at, bytes);
  }

  /** Views of it must not be used once it is closed: that ends the process. */
  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) {
      throw new BugError('mapped memory is used while it is open');
    }

    return this.#buffer;
  }

  close(): void {
    if (this.#buffer !== undefined) {
      this.#buffer = undefined;
      loadLibc().munmap(this.#at, this.#bytes);
    }
  }
}
