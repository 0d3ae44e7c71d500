import {isMainThread, parentPort, workerData} from 'node:worker_threads';
import {openBus} from '@tacoplex/bus';
import {systemClock} from '@tacoplex/clock';
import {BugError, WorldError} from '@tacoplex/errors';
import {createLog, type Log, openStderr} from '@tacoplex/log';
import {chooseEngine} from '@tacoplex/xdp-engine';
import {createGate} from './apply-gate.ts';
import {BusSide} from './bus-side.ts';
import {CapEngine} from './cap-engine.ts';
import type {Engine} from './engine.ts';
import {NeighbourBoard} from './neighbour-board.ts';
import type {SharedMemory} from './shared-memory.ts';
import type {FromBus, ToBus, WorkerStart} from './thread-messages.ts';
import {XdpDataPath} from './xdp-data-path.ts';

/** The bus's thread: it goes on when the frame loop leaves no time for anything else on the main thread. */
async function run({config, nets, memory, verbose}: WorkerStart, post: (message: FromBus) => void): Promise<void> {
  const stderr = openStderr();
  const log = createLog('frame-forwarder', verbose ? 'debug' : 'info', stderr.write);
  const bus = await openBus('frame-forwarder', config.paths.run, log);
  const engine = await openEngine(config, nets, memory, log).catch(async error => {
    await bus.close(); // A thread that ends with an open bus takes the process with it, by a signal
    throw error;
  });
  const gate = createGate(log);
  if (!engine.needsGate) {
    await gate.remove(); // The cap engine may have left its rules, and was killed
  }

  const side = new BusSide({
    engine,
    board: new NeighbourBoard(memory.board),
    leaseMs: config.timing.leaseMs,
    bus,
    clock: systemClock,
    log,
    gate,
    post,
  });
  const leave = async (lastWord: FromBus): Promise<void> => {
    await side.stop();
    await bus.close();
    await stderr.close();
    post(lastWord);
    parentPort?.close(); // Nothing else keeps the thread alive
  };
  parentPort?.on('message', (message: ToBus) => {
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
  post({kind: 'started', engine: engine.name});
}

/** @throws WorldError if the config asks for xdp and it cannot be */
async function openEngine(
  config: WorkerStart['config'],
  {a, b}: WorkerStart['nets'],
  memory: SharedMemory,
  log: Log,
): Promise<Engine> {
  const choice = chooseEngine(config.engine, {netA: a, netB: b}, log);
  return choice.engine === 'xdp'
    ? new XdpDataPath(choice.xdp, choice.reason, a.index, systemClock)
    : new CapEngine(memory, choice.reason);
}

if (isMainThread || parentPort === null) {
  throw new BugError('bus-worker runs in a thread of its own');
}

const port = parentPort;
/** @throws what is no fault of the world */
function failureOf(error: unknown): FromBus {
  if (!(error instanceof WorldError)) {
    throw error;
  }

  return {kind: 'failed', message: error.message, facts: error.facts};
}

try {
  await run(workerData as WorkerStart, message => port.postMessage(message));
} catch (error) {
  port.postMessage(failureOf(error));
}
