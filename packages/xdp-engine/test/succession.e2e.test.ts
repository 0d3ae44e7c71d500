import {existsSync, readdirSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext, type TestFn} from 'ava';
import type {SuccessionStep} from '../src/index.ts';
import {xdpLayout} from '../src/layout.ts';
import {OtherBuild} from './other-build.ts';
import {type EngineProcess, Stage} from './stage.ts';

const onStage = (process.getuid?.() === 0 ? test.serial : test.serial.skip) as TestFn; // Making namespaces needs root

/** A stage, and a build whose maps have another layout. */
const setStage = (t: ExecutionContext) => {
  const [stage, build] = [new Stage(), new OtherBuild()];
  t.teardown(async () => stage.destroy());
  t.teardown(() => build.remove());
  const startOther = (killAt?: SuccessionStep): EngineProcess =>
    stage.start('a0', stage.bpffs, killAt === undefined ? {} : {killAt}, build.script);
  const pins = join(stage.bpffs, 'tacoplex/a0');
  return {stage, build, startOther, pins};
};

/** The program on net A's interface. */
const programOf = (stage: Stage): string =>
  /prog\/xdp id (\d+)/.exec(stage.onLeveler('ip', '-d', 'link', 'show', 'a0'))?.[1] ?? '';

const killsAndDamages: readonly [SuccessionStep | 'half loaded' | 'half removed', SuccessionStep][] = [
  ['half loaded', 'loaded'],
  ['loaded', 'loaded'],
  ['filled', 'filled'],
  ['replaced', 'replaced'],
  ['half removed', 'replaced'],
  ['removed', 'removed'],
];

for (const [state, killAt] of killsAndDamages) {
  onStage(
    `maps of another layout take over without losing a frame: killed when ${state}, the next goes on`,
    async t => {
      const {stage, build, startOther, pins} = setStage(t);
      const first = stage.start();
      await first.hear();
      await first.ask({do: 'install'});
      const program = programOf(stage);
      const before = stage.received;
      const count = 25_000;
      const sent = stage.send(count);

      await first.kill();
      const second = startOther(killAt);
      void second.ask({do: 'install'});
      await second.ended();
      t.deepEqual(programOf(stage) === program, killAt === 'loaded' || killAt === 'filled');
      if (state === 'half loaded') {
        unlinkSync(join(pins, `maps-${build.layout}/bins`));
      } else if (state === 'half removed') {
        unlinkSync(join(pins, `maps-${xdpLayout}/bins`));
        unlinkSync(join(pins, `maps-${xdpLayout}/control`));
      }

      const third = startOther();
      t.like(await third.hear(), {mode: 'native', adopted: true});
      await third.ask({do: 'install'});
      await sent;

      t.is(stage.received - before, count);
      t.not(programOf(stage), program);
      t.deepEqual(readdirSync(pins).sort(), ['link', `maps-${build.layout}`]);
    },
  );
}

onStage('an older version takes over from a newer one in the same way', async t => {
  const {stage, startOther, pins} = setStage(t);
  const newer = startOther();
  await newer.hear();
  await newer.ask({do: 'install'});
  const before = stage.received;
  const sent = stage.send(10_000);

  await newer.kill();
  const older = stage.start();
  t.like(await older.hear(), {adopted: true});
  await older.ask({do: 'install'});
  await sent;

  t.is(stage.received - before, 10_000);
  t.deepEqual(readdirSync(pins).sort(), ['link', `maps-${xdpLayout}`]);
});

onStage("until there is a table the predecessor's program goes on, and keeps to the elector's word", async t => {
  const {stage, startOther} = setStage(t);
  const first = stage.start();
  await first.hear();
  await first.ask({do: 'install'});
  const program = programOf(stage);
  await first.kill();
  const second = startOther();
  await second.hear();
  const sendAndCount = async (): Promise<number> => {
    const before = stage.received;
    await stage.send(100);
    return stage.received - before;
  };

  await second.ask({do: 'renew', mayForward: false});
  t.is(await sendAndCount(), 0);
  await second.ask({do: 'renew', mayForward: true});
  t.is(await sendAndCount(), 100);
  t.is(programOf(stage), program);
});

onStage('what was learnt of servers is inherited, until something is installed', async t => {
  const {stage} = setStage(t);
  const first = stage.start();
  await first.hear();
  t.deepEqual(await first.ask({do: 'inherited'}), {mac: ''});
  await first.ask({do: 'install'});
  await first.kill();
  const second = stage.start();
  await second.hear();

  t.deepEqual(await second.ask({do: 'inherited'}), {mac: stage.macOf('s', 's0')});
  await second.ask({do: 'install'});
  t.deepEqual(await second.ask({do: 'inherited'}), {mac: ''});
});

onStage('an interface that was made anew has no use for maps of other layouts', async t => {
  const {stage, build, startOther, pins} = setStage(t);
  const first = stage.start();
  await first.hear();
  await first.kill();
  t.true(existsSync(join(pins, `maps-${xdpLayout}`)));
  stage.unplugNetA();
  stage.plugNetA();

  t.like(await startOther().hear(), {adopted: false});

  t.deepEqual(readdirSync(pins).sort(), ['link', `maps-${build.layout}`]);
});
