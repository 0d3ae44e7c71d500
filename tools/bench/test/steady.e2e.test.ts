import test, {type TestFn} from 'ava';
import {type DeedName, deeds} from '../src/steady-deeds.ts';
import {SteadyLeveler} from '../src/steady-leveler.ts';
import {runSteady} from '../src/steady-run.ts';
import {SteadyStage} from '../src/steady-stage.ts';

/** Namespaces and XDP programs take root. */
const onKernel = (process.getuid?.() === 0 ? test.serial : test.serial.skip) as TestFn;

/** As long as can be: on a busy machine a process takes longer to come back than a lease lasts. */
const leaseMs = 60_000;

for (const {name, meaning} of deeds.filter(({name: which}) => which !== 'untouched')) {
  onKernel(`of a steady stream no frame is lost while ${meaning}`, async t => {
    const {engine, phases} = await runSteady({
      plan: {quietMs: 2000, restarts: 1, tables: 100},
      packetsPerSecond: 50_000,
      leaseMs,
      names: [name],
      signal: new AbortController().signal,
      onPhase: () => {},
    });

    const phase = phases[name as DeedName]!;
    t.is(engine, 'xdp: as configured, native mode');
    t.true(phase.times > 0);
    t.deepEqual([phase.lost, phase.repeated, phase.gaps, phase.reasons], [0, 0, [], {}], JSON.stringify(phase));
    t.is(phase.forwarded === phase.sent, name !== 'relaid'); // The other layout's counters are other counters
  });
}

onKernel(
  'what a killed forwarder has left goes on until its successor has an engine, however long that takes',
  async t => {
    const lateLeaseMs = 8000; // `late-engine-hook.ts` takes longer, and to hear the elector much less
    const stage = new SteadyStage();
    t.teardown(() => stage.destroy());
    const leveler = new SteadyLeveler(stage.namespaces.nameOf('fwd'), lateLeaseMs);
    t.teardown(async () => leveler.destroy());
    await leveler.build();
    const sender = stage.send(10_000);
    t.teardown(async () => sender.stop());

    await leveler.endForwarder('SIGKILL');
    await leveler.startForwarder(new URL('late-engine.js', import.meta.url).href);
    const {sent, tookMs} = await sender.stop();

    t.true(tookMs > lateLeaseMs);
    t.like(await stage.tally(sent), {lost: 0, repeated: 0, gaps: []});
  },
);
