import {BugError, WorldError} from '@tacoplex/errors';
import test from 'ava';
import fc from 'fast-check';
import {explainRefusal} from '../src/kernel-age.ts';

const refusal = (errno: string, operation = 'load forwarder.bpf.o'): WorldError =>
  new WorldError(`cannot ${operation}: ${errno}`, {code: 'KERNEL_REFUSED', operation, errno});
const messageOf = (error: unknown): string => (error as Error).message;

for (const release of ['5.14.0-503.el9.x86_64', '5.10.0-32-amd64', '4.19.0', '3.10.0-1160.el7.x86_64', '5.4']) {
  test(`whatever Linux ${release} refuses, it is its age that is told`, t => {
    for (const errno of ['EINVAL', 'ENOSYS', 'EPERM', 'E2BIG', '524']) {
      const explained = explainRefusal(refusal(errno), release);
      t.true(explained instanceof WorldError);
      t.is(
        messageOf(explained),
        `cannot load forwarder.bpf.o: ${errno}; Linux ${release} is too old for the xdp engine, which needs 5.15: ` +
          'install a newer kernel, or write engine = "cap"',
      );
    }
  });
}

test('a kernel without BPF, however new, is told as that', t => {
  t.regex(
    messageOf(explainRefusal(refusal('ENOSYS'), '6.12.3')),
    /Linux 6\.12\.3 was built without BPF .*engine = "cap"$/,
  );
});

test('who has the capabilities and is refused all the same learns what else may forbid it', t => {
  for (const errno of ['EPERM', 'EACCES']) {
    t.regex(messageOf(explainRefusal(refusal(errno), '6.1.0-28-amd64')), /lockdown .*seccomp profile$/);
  }
});

test('what a kernel that is new enough refuses for another reason is told as it is', t => {
  for (const release of ['5.15.0', '5.15', '6.1.0-28-amd64', '6.18.44', '10.0', 'unknown', '']) {
    const refused = refusal('EINVAL');
    t.is(explainRefusal(refused, release), refused);
  }
});

test('what is no refusal of the kernel is left alone', t => {
  const missing = new WorldError('CAP_BPF missing', {code: 'PERMISSION_MISSING', capability: 'CAP_BPF'});
  t.is(explainRefusal(missing, '4.4.0'), missing);
  const bug = new BugError('it holds');
  t.is(explainRefusal(bug, '4.4.0'), bug);
});

test('a refusal keeps its code, its facts and its words, whatever the kernel is called', t => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('EINVAL', 'ENOSYS', 'EPERM', 'EBUSY'), (release, errno) => {
      const refused = refusal(errno);
      const explained = explainRefusal(refused, release) as WorldError;
      t.deepEqual(explained.facts, refused.facts);
      t.true(explained.message.startsWith(refused.message));
    }),
  );
});
