import test, {type TestFn} from 'ava';
import {type DeedName, deeds} from '../src/steady-deeds.ts';
import {runSteady} from '../src/steady-run.ts';

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
