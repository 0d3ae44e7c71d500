import test from 'ava';
import {missingIn} from '../src/capabilities.ts';

const status = (mask: bigint): string =>
  `Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t${mask.toString(16).padStart(16, '0')}\n`;
const [netAdmin, sysAdmin, perfmon, bpf] = [1n << 12n, 1n << 21n, 1n << 38n, 1n << 39n];

test('a process without any capability lacks all three', t => {
  t.deepEqual(missingIn(status(0n)), ['CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF']);
});

test('the three together are enough', t => {
  t.deepEqual(missingIn(status(netAdmin | perfmon | bpf)), []);
});

test('CAP_SYS_ADMIN stands for the newer two, and for no other', t => {
  t.deepEqual(missingIn(status(sysAdmin)), ['CAP_NET_ADMIN']);
});

test('CAP_BPF alone does not let a program compute the length of a frame', t => {
  t.deepEqual(missingIn(status(netAdmin | bpf)), ['CAP_PERFMON']);
});
