import {readFileSync} from 'node:fs';
import {check} from './faults.ts';
import {libbpf} from './libbpf.ts';
import {MappedMemory, pageBytes} from './mapped-memory.ts';
import {readInfo} from './read-info.ts';

/** Some memory of a map. `bytes` must not be used once it is closed: that ends the process. */
export type MemoryPart = {readonly bytes: Uint8Array; close(): void};

/** A map; keys of 4 bytes may be given as numbers. Lives as long as the object it was loaded with. */
export class BpfMap {
  readonly name: string;
  readonly descriptor: number;
  readonly valueBytes: number;
  readonly entries: number;

  constructor(parts: {name: string; descriptor: number; valueBytes: number; entries: number}) {
    this.name = parts.name;
    this.descriptor = parts.descriptor;
    this.valueBytes = parts.valueBytes;
    this.entries = parts.entries;
  }

  /** What the kernel knows it by, as long as it exists. @throws WorldError KERNEL_REFUSED */
  get id(): number {
    return readInfo(this.descriptor, `map ${this.name}`).id;
  }

  /** From one entry of an array to the next. */
  get strideBytes(): number {
    return Math.ceil(this.valueBytes / 8) * 8;
  }

  /**
   * All entries as memory. Only of arrays that are BPF_F_MMAPABLE.
   *
   * @throws WorldError KERNEL_REFUSED
   */
  map(): MappedMemory {
    return new MappedMemory(this.descriptor, this.strideBytes * this.entries, this.name);
  }

  /**
   * Some of that memory. All that is mapped counts as memory of this process, whether it is used or not.
   *
   * @param offset of its first byte
   * @throws WorldError KERNEL_REFUSED
   */
  mapPart(offset: number, bytes: number): MemoryPart {
    const before = offset % pageBytes;
    const memory = new MappedMemory(this.descriptor, before + bytes, this.name, {offset: offset - before});
    return {bytes: new Uint8Array(memory.buffer, before, bytes), close: () => memory.close()};
  }

  /** @throws WorldError KERNEL_REFUSED */
  set(key: number | Uint8Array, value: Uint8Array): void {
    check(libbpf().bpf_map_update_elem(this.descriptor, keyBytes(key), value, 0), `write map ${this.name}`);
  }

  /** @param value gets what is there: `valueBytes` of it @returns false if there is nothing */
  read(key: number | Uint8Array, value: Uint8Array): boolean {
    return libbpf().bpf_map_lookup_elem(this.descriptor, keyBytes(key), value) === 0;
  }

  /** @returns false if there was none */
  delete(key: number | Uint8Array): boolean {
    return libbpf().bpf_map_delete_elem(this.descriptor, keyBytes(key)) === 0;
  }

  /** Kernel memory the map takes. */
  get memoryBytes(): number {
    const [, bytes = '0'] =
      /^memlock:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${this.descriptor}`, 'utf8')) ?? [];
    return Number(bytes);
  }
}

/**
 * Reach a map that something else keeps alive, such as a program that is attached. The descriptor is the caller's to close.
 *
 * @param id as `BpfMap.id` has it
 * @param shape what the map was made with
 * @throws WorldError KERNEL_REFUSED if there is none; PERMISSION_MISSING
 */
export function openMap(id: number, shape: {readonly name: string; valueBytes: number; entries: number}): BpfMap {
  const descriptor = check(libbpf().bpf_map_get_fd_by_id(id), `open map ${shape.name} (${id})`);
  return new BpfMap({...shape, descriptor});
}

function keyBytes(key: number | Uint8Array): Uint8Array {
  return typeof key !== 'number' ? key : new Uint8Array(Uint32Array.of(key).buffer);
}
