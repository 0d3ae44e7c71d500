import {mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {WorldError} from '@tacoplex/errors';
import {collectLog} from '@tacoplex/testkit';
import type {MacAddress} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {chooseEngine, type XdpParts} from '../src/index.ts';

const partsWithoutBpffs = (t: ExecutionContext): XdpParts & {bpffs: string} => {
  const bpffs = mkdtempSync(join(tmpdir(), 'tacoplex-no-bpffs-'));
  t.teardown(() => rmdirSync(bpffs));
  return {netA: {name: 'a0', index: 2}, netB: {name: 'b0', index: 3, mac: '02:00:00:00:00:b1' as MacAddress}, bpffs};
};

test('the cap engine is chosen without a look at the kernel where the config says so', t => {
  const {log, lines} = collectLog('frame-forwarder');

  t.deepEqual(chooseEngine({engine: 'cap', capRingBytes: 0}, partsWithoutBpffs(t), log), {
    engine: 'cap',
    reason: 'as configured',
  });
  t.deepEqual(lines, []);
});

test('auto falls back to the cap engine, with one notice that says what to type', t => {
  const {log, lines} = collectLog('frame-forwarder');
  const parts = partsWithoutBpffs(t);
  const why = `${parts.bpffs}: no BPF file system is mounted there; type: mount -t bpf bpf ${parts.bpffs}`;

  t.deepEqual(chooseEngine({engine: 'auto', capRingBytes: 0}, parts, log), {
    engine: 'cap',
    reason: `auto: no xdp: ${why}`,
  });
  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /notice: xdp engine cannot run, the cap engine does reason=/);
});

test('xdp that was asked for and cannot be is an error', t => {
  const {log, lines} = collectLog('frame-forwarder');

  t.throws(() => chooseEngine({engine: 'xdp', capRingBytes: 0}, partsWithoutBpffs(t), log), {
    instanceOf: WorldError,
    message: /no BPF file system is mounted there/,
  });
  t.deepEqual(lines, []);
});
