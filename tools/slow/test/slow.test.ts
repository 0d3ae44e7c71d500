import {readFileSync} from 'node:fs';
import {ConfigError} from '@tacoplex/errors';
import test from 'ava';
import {chooseParent, findHierarchies, type Level} from '../src/hierarchies.ts';
import {type Place, planGroup} from '../src/plan.ts';
import {parseCpuList, parseQuota} from '../src/quota.ts';
import {exitCodeOf, isInFront} from '../src/run.ts';
import {parseUsage, writeUsage} from '../src/usage.ts';

const fourCpus = [0, 1, 2, 3];

test('a quota runs on as few CPUs as it takes, the last ones', t => {
  t.deepEqual(parseQuota('1.0', [0, 1]), {cpus: 1, cpuNumbers: [1], periodUs: 10_000});
  t.deepEqual(parseQuota('1.5', fourCpus), {cpus: 1.5, cpuNumbers: [2, 3], periodUs: 10_000});
  t.deepEqual(parseQuota('4', fourCpus).cpuNumbers, fourCpus);
  t.deepEqual(parseQuota('0.5', fourCpus, 3).cpuNumbers, [1, 2, 3]);
});

test('a small quota has a longer period: the kernel takes no budget below 1 ms', t => {
  t.is(parseQuota('0.1', fourCpus).periodUs, 10_000);
  t.is(parseQuota('0.05', fourCpus).periodUs, 20_000);
});

test('what is no quota is told what belongs there', t => {
  for (const text of ['', 'npm', '-1', '0', '0.04', '4.1', '1e1', '0x1', '1.', 'NaN']) {
    const error = t.throws(() => parseQuota(text, fourCpus), {instanceOf: ConfigError});
    t.regex(error.message, /from 0\.05 to 4, such as 0\.5$/, text);
  }

  t.throws(() => parseQuota('1.5', fourCpus, 1), {message: /--cpus 1: a quota of 1\.5 runs on 2 to 4/});
  t.throws(() => parseQuota('1', fourCpus, 5), {message: /1 to 4/});
});

test('CPU lists of the kernel', t => {
  t.deepEqual(parseCpuList('0-2,5,7-8\n'), [0, 1, 2, 5, 7, 8]);
  t.deepEqual(parseCpuList('3\n'), [3]);
});

const first = `24 1 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
25 24 0:23 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
26 24 0:24 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
27 24 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;

test('version 1 counts where it has the cpu controller', t => {
  t.deepEqual(findHierarchies(first, '3:cpuset:/\n1:cpu,cpuacct:/a:b/c\n0::/\n'), {
    version: 1,
    cpu: '/sys/fs/cgroup/cpu,cpuacct/a:b/c',
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct/a:b/c',
    cpuset: '/sys/fs/cgroup/cpuset',
  });
  t.like(findHierarchies(first.replace('cpuset\n', 'memory\n'), '1:cpu,cpuacct:/\n'), {version: 1, cpuset: undefined});
});

test('a container sees its own part of the tree', t => {
  const mounts = '25 24 0:23 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n';
  const cpu = (path: string): unknown => (findHierarchies(mounts, `1:cpu:${path}\n`) as {cpu: string}).cpu;
  t.is(cpu('/docker/abc'), '/sys/fs/cgroup/cpu');
  t.is(cpu('/docker/abc/inner'), '/sys/fs/cgroup/cpu/inner');
  t.is(cpu('/docker/abcdef'), '/sys/fs/cgroup/cpu');
  t.is(cpu('/../other'), '/sys/fs/cgroup/cpu');
});

test('version 2: the group of this process and those above it', t => {
  const mounts = String.raw`30 24 0:26 / /sys/fs/my\040cgroup rw - cgroup2 cgroup2 rw,nsdelegate`;
  t.deepEqual(findHierarchies(mounts, '0::/user.slice/session-1.scope\n'), {
    version: 2,
    groups: ['/sys/fs/my cgroup/user.slice/session-1.scope', '/sys/fs/my cgroup/user.slice', '/sys/fs/my cgroup'],
  });
  t.deepEqual(findHierarchies(mounts, '0::/\n'), {version: 2, groups: ['/sys/fs/my cgroup']});
});

test('a machine without control groups', t => {
  t.is(findHierarchies('24 1 0:22 / / rw - ext4 /dev/vda rw\n', '0::/\n'), undefined);
});

test('what this machine says is understood', t => {
  const found = findHierarchies(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
  t.true(found === undefined || found.version === 1 || found.groups.length > 0);
});

const level = (folder: string, controllers: string, enabled: string, mayEnable: boolean): Level => ({
  folder,
  controllers: controllers.split(' '),
  enabled: enabled.split(' '),
  mayEnable,
});

test('version 2: the nearest group that hands the cpu controller on', t => {
  const session = level('/c/user/session', 'cpu memory', '', false);
  const user = level('/c/user', 'memory', 'memory', true);
  const top = level('/c', 'cpuset cpu memory', 'cpu memory', true);
  t.deepEqual(chooseParent([session, user, top]), {folder: '/c', enable: '+cpuset', hasCpuset: true});
  t.deepEqual(chooseParent([session, level('/c/user', 'cpu cpuset', 'cpu', false), top]), {
    folder: '/c/user',
    enable: '',
    hasCpuset: false,
  });
  t.deepEqual(
    chooseParent([level('/c/outer/command', 'cpu cpuset', '', false), level('/c/outer', 'cpu cpuset', '', true)]),
    {
      folder: '/c/outer',
      enable: '+cpu +cpuset',
      hasCpuset: true,
    },
  );
  t.is(chooseParent([session, user]), undefined);
});

const firstPlace: Place = {
  version: 1,
  cpu: '/c/cpu',
  cpuacct: '/c/cpuacct',
  cpuset: {folder: '/c/cpuset', mems: '0'},
  hasRealTime: true,
};

test('the plan of version 1', t => {
  const plan = planGroup(firstPlace, 'g', parseQuota('0.5', [0, 1]));
  t.deepEqual(plan.folders, ['/c/cpu/g', '/c/cpuacct/g', '/c/cpuset/g']);
  t.deepEqual(
    plan.writes.map(({file, text}) => `${file}=${text}`),
    [
      '/c/cpu/g/cpu.cfs_period_us=10000',
      '/c/cpu/g/cpu.cfs_quota_us=5000',
      '/c/cpuset/g/cpuset.cpus=1',
      '/c/cpuset/g/cpuset.mems=0',
      '/c/cpu/g/cpu.rt_period_us=10000',
    ],
  );
  t.deepEqual(plan.join, ['/c/cpu/g/cgroup.procs', '/c/cpuacct/g/cgroup.procs', '/c/cpuset/g/cgroup.procs']);
  t.deepEqual(plan.usage, {stat: '/c/cpu/g/cpu.stat', cpuacct: '/c/cpuacct/g/cpuacct.usage'});
});

test('real-time threads get as much, of each CPU, and leave the kernel its rest', t => {
  const runtimes = (quota: string, width?: number): string[] =>
    planGroup(firstPlace, 'g', parseQuota(quota, [0, 1], width)).realTime.map(({text}) => text);
  t.deepEqual(runtimes('0.5'), ['5000', '2500', '1250', '625']);
  t.is(runtimes('1.0')[0], '9500');
  t.is(runtimes('1.0', 2)[0], '5000');
  t.deepEqual(planGroup({...firstPlace, hasRealTime: false}, 'g', parseQuota('1', [0, 1])).realTime, []);
});

test('controllers that share a folder, or are not there', t => {
  const shared = {...firstPlace, cpuacct: '/c/cpu', cpuset: undefined};
  const plan = planGroup(shared, 'g', parseQuota('1', [0, 1]));
  t.deepEqual(plan.folders, ['/c/cpu/g']);
  t.is(plan.usage.cpuacct, '/c/cpu/g/cpuacct.usage');
  t.false(plan.isPinned);
});

test('the plan of version 2', t => {
  const place: Place = {version: 2, folder: '/c', enable: '+cpu', hasCpuset: true};
  t.deepEqual(planGroup(place, 'g', parseQuota('1.5', fourCpus)), {
    folders: ['/c/g', '/c/g/command'],
    writes: [
      {file: '/c/g/cpu.max', text: '15000 10000'},
      {file: '/c/g/cpuset.cpus', text: '2,3'},
    ],
    realTime: [],
    lift: [{file: '/c/g/cpu.max', text: 'max'}],
    isPinned: true,
    join: ['/c/g/command/cgroup.procs'],
    usage: {stat: '/c/g/cpu.stat', cpuacct: undefined},
  });
});

test('what was used, in one line', t => {
  const firstUsage = parseUsage('nr_periods 1010\nnr_throttled 808\nthrottled_time 5\n', '5020000000\n');
  t.deepEqual(firstUsage, {cpuS: 5.02, periods: 1010, throttledPeriods: 808});
  const quota = {cpus: 0.5, cpuNumbers: [1]};
  t.is(
    writeUsage(firstUsage, quota, 10.1),
    '5.02 CPU seconds in 10.10 s: 0.50 CPUs, of 0.5 on CPU 1; throttled in 80 % of 1010 periods',
  );
  const secondUsage = parseUsage('usage_usec 1500000\nuser_usec 1\nnr_periods 10\nnr_throttled 0\n', undefined);
  t.deepEqual(secondUsage, {cpuS: 1.5, periods: 10, throttledPeriods: 0});
  t.regex(
    writeUsage({cpuS: undefined, periods: 0, throttledPeriods: 0}, {cpus: 2, cpuNumbers: [0, 1]}, 1),
    /^1\.00 s, of 2 on CPUs 0, 1; throttled in 0 %/,
  );
});

test('exit codes are those of a shell', t => {
  t.is(exitCodeOf(3, null), 3);
  t.is(exitCodeOf(null, 'SIGKILL'), 137);
});

test('who gets the signals of a terminal', t => {
  t.true(isInFront('7 (a ) b) S 1 70 70 34816 70 4194304'));
  t.false(isInFront('7 (slow) S 1 70 70 34816 99 4194304'));
  t.false(isInFront('7 (slow) S 1 70 70 0 -1 4194304'));
});
