import {WorldError} from '@tacoplex/errors';
import {koffi} from './koffi.ts';

/** A pointer into memory of libbpf or the kernel. Never leaves this package: a wrong one crashes the process. */
export type Pointer = bigint;

/** Of libbpf 1.x. Functions that give a number give -errno on failure; those that give a pointer give NULL and set errno. */
type Libbpf = {
  libbpf_set_print(print: null): unknown;
  libbpf_num_possible_cpus(): number;
  bpf_object__open_file(path: string, options: null): Pointer | null;
  bpf_object__load(object: Pointer): number;
  bpf_object__close(object: Pointer): void;
  bpf_object__find_map_by_name(object: Pointer, name: string): Pointer | null;
  bpf_object__find_program_by_name(object: Pointer, name: string): Pointer | null;
  bpf_object__next_program(object: Pointer, previous: Pointer | null): Pointer | null;
  bpf_program__name(program: Pointer): string;
  bpf_program__fd(program: Pointer): number;
  bpf_program__set_autoload(program: Pointer, autoload: boolean): number;
  bpf_program__set_log_buf(program: Pointer, log: Buffer, bytes: number): number;
  bpf_program__set_log_level(program: Pointer, level: number): number;
  bpf_map__fd(map: Pointer): number;
  bpf_map__value_size(map: Pointer): number;
  bpf_map__max_entries(map: Pointer): number;
  bpf_map__set_max_entries(map: Pointer, entries: number): number;
  bpf_map__set_pin_path(map: Pointer, path: string): number;
  bpf_map__set_initial_value(map: Pointer, value: Uint8Array, bytes: number): number;
  bpf_map_update_elem(map: number, key: Uint8Array, value: Uint8Array, flags: number): number;
  bpf_map_lookup_elem(map: number, key: Uint8Array, value: Uint8Array): number;
  bpf_map_delete_elem(map: number, key: Uint8Array): number;
  bpf_map_get_fd_by_id(id: number): number;
  bpf_obj_get(path: string): number;
  bpf_obj_pin(descriptor: number, path: string): number;
  bpf_obj_get_info_by_fd(descriptor: number, info: Uint8Array, bytes: Uint32Array): number;
  bpf_link_create(program: number, target: number, kind: number, options: Uint8Array): number;
  bpf_link_update(link: number, program: number, options: null): number;
  bpf_link_detach(link: number): number;
  bpf_tc_hook_create(hook: Uint8Array): number;
  bpf_tc_attach(hook: Uint8Array, options: Uint8Array): number;
  bpf_xdp_query(interfaceIndex: number, flags: number, options: Uint8Array): number;
  bpf_prog_test_run_opts(program: number, options: Uint8Array): number;
};

const prototypes: Readonly<Record<keyof Libbpf, string>> = {
  libbpf_set_print: 'void *libbpf_set_print(void *)',
  libbpf_num_possible_cpus: 'int libbpf_num_possible_cpus()',
  bpf_object__open_file: 'void *bpf_object__open_file(const char *, const void *)',
  bpf_object__load: 'int bpf_object__load(void *)',
  bpf_object__close: 'void bpf_object__close(void *)',
  bpf_object__find_map_by_name: 'void *bpf_object__find_map_by_name(const void *, const char *)',
  bpf_object__find_program_by_name: 'void *bpf_object__find_program_by_name(const void *, const char *)',
  bpf_object__next_program: 'void *bpf_object__next_program(const void *, void *)',
  bpf_program__name: 'const char *bpf_program__name(const void *)',
  bpf_program__fd: 'int bpf_program__fd(const void *)',
  bpf_program__set_autoload: 'int bpf_program__set_autoload(void *, bool)',
  bpf_program__set_log_buf: 'int bpf_program__set_log_buf(void *, void *, size_t)',
  bpf_program__set_log_level: 'int bpf_program__set_log_level(void *, uint32_t)',
  bpf_map__fd: 'int bpf_map__fd(const void *)',
  bpf_map__value_size: 'uint32_t bpf_map__value_size(const void *)',
  bpf_map__max_entries: 'uint32_t bpf_map__max_entries(const void *)',
  bpf_map__set_max_entries: 'int bpf_map__set_max_entries(void *, uint32_t)',
  bpf_map__set_pin_path: 'int bpf_map__set_pin_path(void *, const char *)',
  bpf_map__set_initial_value: 'int bpf_map__set_initial_value(void *, const void *, size_t)',
  bpf_map_update_elem: 'int bpf_map_update_elem(int, const void *, const void *, uint64_t)',
  bpf_map_lookup_elem: 'int bpf_map_lookup_elem(int, const void *, void *)',
  bpf_map_delete_elem: 'int bpf_map_delete_elem(int, const void *)',
  bpf_map_get_fd_by_id: 'int bpf_map_get_fd_by_id(uint32_t)',
  bpf_obj_get: 'int bpf_obj_get(const char *)',
  bpf_obj_pin: 'int bpf_obj_pin(int, const char *)',
  bpf_obj_get_info_by_fd: 'int bpf_obj_get_info_by_fd(int, void *, void *)',
  bpf_link_create: 'int bpf_link_create(int, int, int, const void *)',
  bpf_link_update: 'int bpf_link_update(int, int, const void *)',
  bpf_link_detach: 'int bpf_link_detach(int)',
  bpf_tc_hook_create: 'int bpf_tc_hook_create(void *)',
  bpf_tc_attach: 'int bpf_tc_attach(const void *, void *)',
  bpf_xdp_query: 'int bpf_xdp_query(int, int, void *)',
  bpf_prog_test_run_opts: 'int bpf_prog_test_run_opts(int, void *)',
};

let loaded: Libbpf | undefined;

/** @throws WorldError KERNEL_REFUSED if libbpf is not installed, or older than 1.0 */
export function libbpf(): Libbpf {
  loaded ??= load();
  return loaded;
}

function load(): Libbpf {
  try {
    const library = koffi.load('libbpf.so.1');
    const functions = Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype)]);
    const table = Object.fromEntries(functions) as Libbpf;
    table.libbpf_set_print(null); // What it has to say is in our errors
    return table;
  } catch (cause) {
    throw new WorldError(
      `libbpf.so.1 cannot be used: ${(cause as Error).message}; type: apt-get install libbpf1`,
      {
        code: 'KERNEL_REFUSED',
        operation: 'load libbpf',
        errno: 'ENOENT',
      },
      {cause},
    );
  }
}
