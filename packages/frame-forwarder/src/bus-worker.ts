import {isMainThread, parentPort, workerData} from 'node:worker_threads';
import {openBus} from '@tacoplex/bus';
import {systemClock} from '@tacoplex/clock';
import {BugError, WorldError} from '@tacoplex/errors';
import {createLog, openStderr} from '@tacoplex/log';
import {createGate} from './apply-gate.ts';
import {BusSide} from './bus-side.ts';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';

/** The bus's thread: it goes on when the frame loop leaves no time for anything else on the main thread. */
async function run({config, memory, verbose}: WorkerStart, post: (message: FromBus) => void): Promise<void> {
  const stderr = openStderr();
  const log = createLog('frame-forwarder', verbose ? 'debug' : 'info', stderr.write);
  const bus = await openBus('frame-forwarder', config.paths.run, log);
  const side = new BusSide({
    memory,
    leaseMs: config.timing.leaseMs,
    engineReason: config.engine.engine === 'cap' ? 'as configured' : 'auto: this version has no other',
    bus,
    clock: systemClock,
    log,
    gate: createGate(log),
    post,
  });
  parentPort?.on('message', (message: ToBus) => {
    if (message.kind !== 'stop') {
      side.take(message);
      return;
    }

    void side
      .stop()
      .then(async () => bus.close())
      .then(async () => stderr.close())
      .then(() => post({kind: 'stopped'}));
  });
  post({kind: 'started'});
}

if (isMainThread || parentPort === null) {
  throw new BugError('bus-worker runs in a thread of its own');
}

const port = parentPort;
try {
  await run(workerData as WorkerStart, message => port.postMessage(message));
} catch (error) {
  if (!(error instanceof WorldError && error.facts.code === 'ENDPOINT_UNUSABLE')) {
    throw error;
  }

  port.postMessage({kind: 'failed', message: error.message, endpoint: error.facts.endpoint} satisfies FromBus);
}
