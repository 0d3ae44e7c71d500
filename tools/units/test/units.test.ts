import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {commandOf, processUnits, writeFiles} from '@tacoplex/units';
import test from 'ava';

const deploy = resolve(import.meta.dirname, '../../../../deploy');

for (const [path, content] of writeFiles(processUnits)) {
  test(`deploy/${path} is what the table says`, t => {
    t.is(readFileSync(join(deploy, path), 'utf8'), content, 'run: node tools/units/dist/src/main.js write');
  });
}

const isInstalled = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;

const withPython = isInstalled('/usr/bin/python3') ? test : test.skip;

withPython('supervisord starts the processes in the order of the table and stops them in the opposite one', t => {
  const read = `
import configparser, json, sys
parser = configparser.RawConfigParser(strict=True, inline_comment_prefixes=(';',))
parser.read(sys.argv[1])
print(json.dumps({name: dict(parser[name]) for name in parser.sections()}))`;

  const sections = JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', read, join(deploy, 'supervisord/tacoplex.conf')], {encoding: 'utf8'}),
  ) as Record<string, Record<string, string>>;
  const programs = Object.entries(sections).filter(([name]) => name.startsWith('program:'));

  t.like(sections, {unix_http_server: {chmod: '0700'}});
  t.deepEqual(
    programs.sort(([, one], [, other]) => Number(one.priority) - Number(other.priority)).map(([name]) => name),
    processUnits.map(({name}) => `program:${name}`),
  );
  for (const [name, program] of programs) {
    t.like(program, {
      autorestart: 'true',
      stdout_logfile: `/var/log/tacoplex/${name.slice('program:'.length)}.log`,
    });
  }
});

test('a process gets the capabilities of the table and no others, from either supervisor', t => {
  const files = writeFiles(processUnits);
  const forwarder = files.get('systemd/tacoplex-frame-forwarder.service') ?? '';
  const broker = files.get('systemd/tacoplex-admin-broker.service') ?? '';
  const supervised = files.get('supervisord/tacoplex.conf') ?? '';

  t.regex(forwarder, /^AmbientCapabilities=CAP_BPF CAP_NET_ADMIN CAP_NET_RAW CAP_PERFMON$/m);
  t.regex(broker, /^CapabilityBoundingSet=$/m);
  t.regex(
    supervised,
    /--ambient-caps=-all,\+bpf,\+net_admin,\+net_raw,\+perfmon \/usr\/bin\/env node (--\S+ )*\S+\/frame-forwarder\//,
  );
  t.regex(
    supervised,
    /--bounding-set=-all --inh-caps=-all --ambient-caps=-all \/usr\/bin\/env node (--\S+ )*\S+\/admin-broker\//,
  );
});

test('the processes are not root under either supervisor, and the elector alone reads the key', t => {
  const files = writeFiles(processUnits);
  const commands = (files.get('supervisord/tacoplex.conf') ?? '').match(/^command=.*$/gm) ?? [];

  t.is(commands.length, processUnits.length);
  t.true(commands.every(command => command.includes('setpriv --reuid=tacoplex --regid=tacoplex --init-groups ')));
  for (const {name} of processUnits) {
    const unit = files.get(`systemd/tacoplex-${name}.service`) ?? '';
    t.regex(unit, /^User=tacoplex$/m);
    t.is(/^InaccessiblePaths=-\/etc\/tacoplex\/cluster\.key /m.test(unit), name !== 'elector');
  }
});

test('a witness has a target of its own that the boot pulls in, and that starts and stops its two processes', t => {
  const files = writeFiles(processUnits);
  const target = files.get('systemd/tacoplex-witness.target') ?? '';

  t.regex(target, /^Wants=tacoplex-elector\.service tacoplex-admin-broker\.service$/m);
  t.regex(target, /^WantedBy=multi-user\.target$/m);
  for (const {name, runsOnWitness} of processUnits) {
    const partOf = /^PartOf=(.*)$/m.exec(files.get(`systemd/tacoplex-${name}.service`) ?? '')?.[1] ?? '';
    t.is(partOf.includes('tacoplex-witness.target'), runsOnWitness === true);
  }
});

const withSystemd = isInstalled('systemd-analyze') ? test : test.skip;

withSystemd('systemd finds nothing wrong in the units', t => {
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-units-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  cpSync(join(deploy, 'systemd'), folder, {recursive: true});
  // systemd of Debian 12 wants the user of a unit to exist; the machine that builds need not have it.
  for (const {name} of processUnits) {
    const path = join(folder, `tacoplex-${name}.service`);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('=tacoplex\n', '=root\n'));
  }

  const units = [
    join(folder, 'tacoplex.target'),
    join(folder, 'tacoplex-witness.target'),
    ...processUnits.map(({name}) => join(folder, `tacoplex-${name}.service`)),
  ];
  const {status, stdout, stderr} = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {encoding: 'utf8'});
  const about = `${stdout}${stderr}`.split('\n').filter(line => line.includes('tacoplex'));

  t.deepEqual(about, []);
  t.is(status, 0, stderr);
});

test('this Node understands the words that every process is started with', t => {
  const words = commandOf('elector').split(' ');
  const options = words.filter(word => word.startsWith('--'));
  t.true(options.length > 0);
  t.is(spawnSync(process.execPath, [...options, '--eval', '0'], {encoding: 'utf8'}).stderr, '');
});
