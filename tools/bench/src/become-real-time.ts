import {WorldError} from '@tacoplex/errors';
import koffi from 'koffi';

const thisThread = 0;
const fifo = 1; // SCHED_FIFO of sched(7)
const priority = Int32Array.of(50);

/**
 * Let this thread go before all that is measured: in the world it would be another machine's.
 *
 * @throws WorldError PERMISSION_MISSING
 */
export function becomeRealTime(): void {
  const setScheduler = koffi.load('libc.so.6').func('int sched_setscheduler(int, int, const void *)');
  if (setScheduler(thisThread, fifo, priority) !== 0) {
    throw new WorldError('cannot send in real time', {code: 'PERMISSION_MISSING', capability: 'CAP_SYS_NICE'});
  }
}
