/**
 * Imported by a process before all else: from then on the kernel answers it as another one would. `REFUSALS` says how:
 * numbers with commas between them, each an error number of bpf(2) for the command behind the `@`, or for every command.
 */
import {createRequire} from 'node:module';

const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');

const bpfNumbers: Readonly<Record<string, number>> = {x64: 321, arm64: 280};
/** Of <linux/prctl.h>, <linux/seccomp.h> and <linux/bpf_common.h>. */
const [noNewPrivileges, setSeccomp, filterMode] = [38, 22, 2];
const [loadWord, jumpIfEqual, giveBack] = [0x20, 0x15, 0x06];
const [systemCall, firstArgument] = [0, 16];
const [allow, refuse] = [0x7fff_0000, 0x0005_0000];

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

function instructionsOf(refusals: string): Instruction[] {
  const rules = refusals.split(',').flatMap((refusal): Instruction[] => {
    const [errno = 0, command] = refusal.split('@').map(Number);
    const answer: Instruction = [giveBack, 0, 0, refuse | errno];
    return command === undefined ? [answer] : [[jumpIfEqual, 0, 1, command], answer];
  });
  return [
    [loadWord, 0, 0, systemCall],
    [jumpIfEqual, 1, 0, bpfNumbers[process.arch] ?? 0],
    [giveBack, 0, 0, allow],
    [loadWord, 0, 0, firstArgument],
    ...rules,
    [giveBack, 0, 0, allow],
  ];
}

const instructions = instructionsOf(process.env.REFUSALS ?? '');
const filter = Buffer.alloc(8 * instructions.length);
for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
  filter.writeUInt16LE(code, 8 * index);
  filter.writeUInt8(ifTrue, 8 * index + 2);
  filter.writeUInt8(ifFalse, 8 * index + 3);
  filter.writeUInt32LE(value, 8 * index + 4);
}

const program = Buffer.alloc(16); // struct sock_fprog
program.writeUInt16LE(instructions.length, 0);
program.writeBigUInt64LE(koffi.address(filter), 8);

const prctl = koffi.load('libc.so.6').func('int prctl(int, unsigned long, void *, unsigned long, unsigned long)');
const prctlOfNumbers = koffi.load('libc.so.6').func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
if (prctlOfNumbers(noNewPrivileges, 1, 0, 0, 0) !== 0 || prctl(setSeccomp, filterMode, program, 0, 0) !== 0) {
  throw new Error(`the kernel takes no filter: ${koffi.errno()}`);
}
