import test from 'ava';
import {newestOfEach} from '../src/debian.ts';
import {readConsole} from '../src/read-console.ts';

const console61 = `SeaBIOS (version 1.16.2)\r
\u001b[2Jkernel 6.1.0-50-cloud-amd64\r
verifier libbpf: prog 'forward': -- BEGIN PROG LOAD LOG --\r
verifier processed 71688 insns (limit 1000000) max_states_per_insn 15 total_states 3445\r
verifier libbpf: prog 'explain': -- BEGIN PROG LOAD LOG --\r
verifier processed 45335 insns (limit 1000000) max_states_per_insn 15 total_states 2160\r
object forwarder loaded\r
verifier libbpf: prog 'limit': -- BEGIN PROG LOAD LOG --\r
verifier processed 22 insns (limit 1000000)\r
reason R2 type=mem expected=fp\r
object limit refused\r
done\r
`;

test('what a kernel makes of each object and program is read from its console', t => {
  const limit = 1_000_000;

  t.deepEqual(readConsole(console61), {
    kernel: '6.1.0-50-cloud-amd64',
    objects: [
      {
        name: 'forwarder',
        isLoaded: true,
        programs: [
          {name: 'forward', instructions: 71_688, limit},
          {name: 'explain', instructions: 45_335, limit},
        ],
        reason: '',
      },
      {
        name: 'limit',
        isLoaded: false,
        programs: [{name: 'limit', instructions: 22, limit}],
        reason: 'R2 type=mem expected=fp',
      },
    ],
  });
});

test('a machine that says nothing has loaded nothing', t => {
  t.deepEqual(readConsole(''), {kernel: '', objects: []});
});

test('of each series the newest kernel is taken, by number and not by letter', t => {
  t.deepEqual(
    newestOfEach([
      'linux-image-6.12.107+deb12-cloud-amd64',
      'linux-image-6.1.0-9-cloud-amd64',
      '',
      'linux-image-cloud-amd64',
      'linux-image-6.1.0-50-cloud-amd64',
      'linux-image-6.12.95+deb12-cloud-amd64',
    ]),
    ['linux-image-6.1.0-50-cloud-amd64', 'linux-image-6.12.107+deb12-cloud-amd64'],
  );
});
