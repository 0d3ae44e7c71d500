import {existsSync, mkdtempSync, readdirSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext, type TestFn} from 'ava';
import {limitFile} from '../src/index.ts';
import {ownScript, Stage} from './stage.ts';

const onStage = (process.getuid?.() === 0 ? test.serial : test.skip) as TestFn; // Making namespaces needs root

function setStage(t: ExecutionContext): Stage {
  const stage = new Stage();
  t.teardown(async () => stage.destroy());
  return stage;
}

onStage('no frame is lost while the process is killed, comes back, and changes the tables 100 times', async t => {
  const stage = setStage(t);
  const first = stage.start();
  t.like(await first.hear(), {mode: 'native', reason: '', adopted: false});
  await first.ask({do: 'install'});
  const before = stage.received;
  const count = 30_000;
  const sent = stage.send(count);

  await first.ask({do: 'install', times: 3});
  await first.kill();
  const second = stage.start();
  t.like(await second.hear(), {mode: 'native', adopted: true});
  await second.ask({do: 'install', times: 100});
  await second.kill();
  const third = stage.start();
  t.like(await third.hear(), {adopted: true});
  await sent;

  t.is(stage.received - before, count);
  t.like(await third.ask({do: 'count'}), {packets: count});
});

onStage('long datagrams are forwarded in all their fragments while no process runs', async t => {
  const stage = setStage(t);
  const first = stage.start();
  await first.hear();
  await first.ask({do: 'install'});
  await first.kill();
  const before = stage.received;

  await stage.send(200, 5, 4000);

  t.is(stage.received - before, 600);
  const second = stage.start();
  t.like(await second.hear(), {adopted: true});
  t.like(await second.ask({do: 'count'}), {packets: 600});
});

onStage('uninstalling leaves nothing on the interface and nothing pinned', async t => {
  const stage = setStage(t);
  const engine = stage.start();
  await engine.hear();
  t.true(existsSync(join(stage.bpffs, 'tacoplex/a0/link')));

  await engine.ask({do: 'uninstall'});

  t.deepEqual(readdirSync(join(stage.bpffs, 'tacoplex')), []);
  t.false(stage.onLeveler('ip', 'link', 'show', 'a0').includes('xdp'));
});

onStage('what a killed process has left is taken off by the script for package removal, and that once', async t => {
  const stage = setStage(t);
  const engine = stage.start();
  await engine.hear();
  await engine.kill();
  t.true(stage.onLeveler('ip', 'link', 'show', 'a0').includes('xdp'));

  t.is(stage.uninstall('--all'), 'a0: uninstalled\n');

  t.false(stage.onLeveler('ip', 'link', 'show', 'a0').includes('xdp'));
  t.false(existsSync(join(stage.bpffs, 'tacoplex')));
  t.is(stage.uninstall('--all'), 'nothing was installed\n');
  t.is(stage.uninstall('a0'), 'a0: nothing was installed\n');
});

onStage('an interface that was made anew is attached to anew', async t => {
  const stage = setStage(t);
  const first = stage.start();
  await first.hear();
  await first.kill();
  stage.unplugNetA();
  stage.plugNetA();

  const second = stage.start();
  t.like(await second.hear(), {mode: 'native', adopted: false});
  await second.ask({do: 'install'});
  const before = stage.received;
  await stage.send(100);

  t.is(stage.received - before, 100);
});

onStage("somebody else's program is left alone, and named", async t => {
  const stage = setStage(t);
  stage.onLeveler('ip', 'link', 'set', 'dev', 'a0', 'xdp', 'obj', limitFile, 'sec', 'xdp');

  const {refused} = await stage.start().hear();

  t.regex(String(refused), /^a0: another XDP program is attached, id \d+; .*ip link set dev a0 xdp off/);
  t.true(stage.onLeveler('ip', 'link', 'show', 'a0').includes('prog/xdp'));
  t.deepEqual(readdirSync(join(stage.bpffs, 'tacoplex')), []);
});

onStage('a driver without native XDP gets the generic mode, and the reason is told', async t => {
  const stage = setStage(t);

  t.like(await stage.start('lo').hear(), {mode: 'generic', reason: 'the driver has no native XDP'});
});

onStage('without a BPF file system the engine says what to type', async t => {
  const stage = setStage(t);
  const folder = mkdtempSync(join(tmpdir(), 'tacoplex-no-bpffs-'));
  t.teardown(() => rmdirSync(folder));

  const {refused} = await stage.start('a0', folder).hear();

  t.is(refused, `${folder}: no BPF file system is mounted there; type: mount -t bpf bpf ${folder}`);
});

for (const [dropped, missing] of [
  ['-bpf,-perfmon,-sys_admin', 'CAP_PERFMON, CAP_BPF'],
  ['-perfmon,-sys_admin', 'CAP_PERFMON'],
] as const) {
  onStage(`without ${missing} the engine says what is missing, and leaves nothing behind`, async t => {
    const stage = setStage(t);
    const prefix = ['setpriv', `--bounding-set=${dropped}`];

    const {refused} = await stage.start('a0', stage.bpffs, {}, ownScript, prefix).hear();

    t.true(
      String(refused).includes(`: ${missing} missing; give this process ${missing}, or run it as root`),
      `${refused}`,
    );
    t.false(existsSync(join(stage.bpffs, 'tacoplex/a0')));
  });
}
