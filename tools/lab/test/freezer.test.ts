import test from 'ava';
import {placeFreezer} from '../src/freezer.ts';

const version2 = '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate';
const version1 = '37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer';
const unified = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw';
const other = '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu';

test('with version 2 a lab nests below our own cgroup, so that its limits hold for it', t => {
  t.deepEqual(placeFreezer('x', version2, '0::/user.slice/session-1.scope\n'), {
    version: 2,
    folder: '/sys/fs/cgroup/user.slice/session-1.scope/tacoplex-lab-x',
  });
});

test('where both are mounted version 2 is taken, whose dead need no thaw', t => {
  t.deepEqual(placeFreezer('x', [other, version1, unified].join('\n'), '6:freezer:/\n1:cpu:/slow\n0::/\n'), {
    version: 2,
    folder: '/sys/fs/cgroup/unified/tacoplex-lab-x',
  });
});

test('with version 1 alone it is the freezer of that', t => {
  t.deepEqual(placeFreezer('x', [other, version1].join('\n'), '6:freezer:/a:b\n1:cpu:/slow\n'), {
    version: 1,
    folder: '/sys/fs/cgroup/freezer/a:b/tacoplex-lab-x',
  });
});

test('a container sees its own cgroup as the root of the mount', t => {
  const mount = version2.replace('0:28 / ', '0:28 /docker/abc ');

  t.is(placeFreezer('x', mount, '0::/docker/abc/y\n')?.folder, '/sys/fs/cgroup/y/tacoplex-lab-x');
  t.is(placeFreezer('x', mount, '0::/docker/abcd\n'), undefined, 'out of sight');
});

test('without cgroups there is no place', t => {
  t.is(placeFreezer('x', other, '1:cpu:/\n'), undefined);
  t.is(placeFreezer('x', '', ''), undefined);
});
