import type {Bus} from '@tacoplex/bus';
import {systemClock} from '@tacoplex/clock';
import type {Log} from '@tacoplex/log';
import {chooseEngine} from '@tacoplex/xdp-engine';
import {createGate} from './apply-gate.ts';
import {BusSide} from './bus-side.ts';
import {CapEngine} from './cap-engine.ts';
import type {Engine} from './engine.ts';
import {NeighbourBoard} from './neighbour-board.ts';
import {createSharedMemory, type SharedMemory} from './shared-memory.ts';
import type {FromBus, WorkerStart} from './thread-messages.ts';
import {XdpDataPath} from './xdp-data-path.ts';

type Surroundings = {
  readonly bus: Bus<'frame-forwarder'>;
  readonly log: Log;
  /** To the frame loop's thread. */
  readonly post: (message: FromBus) => void;
};

/**
 * Open the engine, and have the bus feed it.
 *
 * @throws WorldError if the config asks for xdp and it cannot be
 */
export async function openBusSide(
  {config, nets}: WorkerStart,
  {bus, log, post}: Surroundings,
): Promise<{side: BusSide; started: FromBus}> {
  const memory = createSharedMemory();
  const engine = openEngine({config, nets}, memory, log);
  const gate = createGate(log);
  if (!engine.needsGate) {
    await gate.remove(); // The cap engine may have left its rules, and was killed
  }

  const side = new BusSide({
    engine,
    board: new NeighbourBoard(memory.board),
    leaseMs: config.timing.leaseMs,
    gateways: config.netB.gateways,
    subnetB: config.netB.subnet,
    bus,
    clock: systemClock,
    log,
    gate,
    post,
  });
  return {side, started: {kind: 'started', engine: engine.name, memory}};
}

function openEngine({config, nets}: Pick<WorkerStart, 'config' | 'nets'>, memory: SharedMemory, log: Log): Engine {
  const choice = chooseEngine(config.engine, {netA: nets.a, netB: nets.b}, log);
  return choice.engine === 'xdp'
    ? new XdpDataPath(choice.xdp, choice.reason, nets.a.index, systemClock)
    : new CapEngine(memory, choice.reason);
}
