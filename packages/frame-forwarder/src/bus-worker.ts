import {once} from 'node:events';
import {isMainThread, type MessagePort, parentPort} from 'node:worker_threads';
import {openBus} from '@tacoplex/bus';
import {systemClock} from '@tacoplex/clock';
import {becomeOrdinary} from '@tacoplex/daemon/become-ordinary';
import {BugError, WorldError} from '@tacoplex/errors';
import {createLog, linesAtOnce, openStderr, Repeats} from '@tacoplex/log';
import {PinnedLeases} from '@tacoplex/xdp-engine/pinned-leases';
import {listenEarly} from './early-ears.ts';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';

/** The bus's thread: it goes on when the frame loop leaves no time for anything else on the main thread. */
async function run(start: WorkerStart, port: MessagePort): Promise<void> {
  const {config, nets, verbose} = start;
  const post = (message: FromBus): void => port.postMessage(message);
  const stderr = openStderr();
  const repeats = new Repeats(systemClock, linesAtOnce);
  const log = createLog('frame-forwarder', verbose ? 'debug' : 'info', stderr.write, repeats);
  const opened = await openBus('frame-forwarder', config.paths.run, log);
  const predecessor = config.engine.engine === 'cap' ? noLease : new PinnedLeases(nets.a.name);
  const bus = listenEarly(opened, predecessor, {
    now: () => systemClock.now(),
    leaseMs: config.timing.leaseMs,
    onFirstWord: becomeOrdinary,
  });
  const {openBusSide} = await import('./open-bus-side.ts'); // All else waits until the elector is heard
  const {side, started} = await openBusSide(start, {bus, log, post}).catch(async error => {
    await bus.close(); // A thread that ends with an open bus takes the process with it, by a signal
    throw error;
  });
  const leave = async (lastWord: FromBus): Promise<void> => {
    await side.stop();
    await bus.close();
    await stderr.close();
    post(lastWord);
    port.close(); // Nothing else keeps the thread alive
  };
  port.on('message', (message: Exclude<ToBus, {kind: 'start'}>) => {
    if (message.kind === 'stop') {
      void leave({kind: 'stopped'});
      return;
    }

    try {
      side.take(message);
    } catch (error) {
      void leave(failureOf(error)); // The engine cannot be attached to an interface that was made anew
    }
  });
  post(started);
}

/** With the cap engine nothing outlives the process. */
const noLease = {renewLease(): void {}, forwardForEver(): void {}, close(): void {}};

/** @throws what is no fault of the world */
function failureOf(error: unknown): Extract<FromBus, {kind: 'failed'}> {
  if (!(error instanceof WorldError)) {
    throw error;
  }

  return {kind: 'failed', message: error.message, facts: error.facts};
}

if (isMainThread || parentPort === null) {
  throw new BugError('bus-worker runs in a thread of its own');
}

const [first] = (await once(parentPort, 'message')) as [ToBus];
if (first.kind !== 'start') {
  parentPort.close(); // It was loaded in vain
} else {
  try {
    await run(first, parentPort);
  } catch (error) {
    parentPort.postMessage(failureOf(error));
    parentPort.close();
  }
}
