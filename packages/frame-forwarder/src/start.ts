import {type BuslessDaemon, becomeOrdinary, type Running} from '@tacoplex/daemon';
import type {LoadingBusThread} from './bus-thread.ts';
import type {Nets} from './check-machine.ts';

/**
 * Forward frames until stopped. The bus's thread comes first: from its first word of the elector on, what a predecessor has
 * left in the kernel is kept. The rest is loaded beside it.
 *
 * @throws WorldError if the bus cannot be opened, or the engine that the config asks for
 */
export const startForwarder: BuslessDaemon<'frame-forwarder', Nets, LoadingBusThread>['start'] = async (
  {config, clock, log, verbose},
  nets,
  thread,
): Promise<Running> => {
  const [bus, {Forwarder}] = await Promise.all([
    thread.start({config, nets, verbose}),
    import('./forwarder.ts'), // Whatever fails there is a bug, and ends the process
  ]);
  becomeOrdinary(); // If the elector has not been heard yet: no frame loop must run in real time
  const forwarder = new Forwarder({config, clock, log, nets, bus});
  await forwarder.start();
  return forwarder;
};
