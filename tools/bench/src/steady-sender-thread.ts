/** A thread of its own: sends numbered frames at a steady rate, whatever else the bench is busy with. */
import {fileURLToPath} from 'node:url';
import {isMainThread, parentPort, workerData} from 'node:worker_threads';
import {BugError, WorldError} from '@tacoplex/errors';
import {attachXdp, BpfObject, TestRun} from '@tacoplex/kernel';
import {becomeRealTime} from './become-real-time.ts';
import {order as layout} from './datapath-layout.ts';
import {wordOf} from './datapath-stage.ts';
import {enterNamespace} from './namespaces.ts';
import type {SenderReport, SenderStart} from './steady-sender.ts';

/** Fewer than a fourth of what a wire's queue holds: no burst of ours overruns one. */
const mostAtOnce = 64;
/** After a pause of its own the sender does not make up for all of it: the machine is shared. */
const mostBehind = 4 * mostAtOnce;
const napMs = 0.5;

/** Send until told to end. @returns what there is to say of it */
function run({namespace, interfaceIndex, idle, frame, flows, packetsPerSecond, shared}: SenderStart): SenderReport {
  const [isEnding, told] = [new Int32Array(shared, 0, 1), new Float64Array(shared, 8, 1)];
  enterNamespace(namespace);
  const object = new BpfObject(fileURLToPath(new URL('../bpf/generator.bpf.o', import.meta.url)), {
    programs: ['generate_numbered'],
  });
  const memory = object.map('orders').map();
  // The kernel spends 20 ms on each run of a program that is attached nowhere, for making room among those that are
  const link = attachXdp(object.program('generate_numbered'), idle).link;
  try {
    object.map('lanes').set(0, wordOf(interfaceIndex));
    const order = new DataView(memory.buffer);
    new Uint8Array(memory.buffer).set(frame.subarray(0, layout.frameBytes), layout.frame);
    order.setUint32(layout.flowMask, flows - 1, true);
    const countSent = (): number => Number(order.getBigUint64(layout.numbered, true));
    const generator = new TestRun(object.program('generate_numbered'));
    const send = (repeat: number): void => sendSome(generator, frame, repeat);
    becomeRealTime();
    const began = performance.now();
    let [skipped, longestPauseMs, lastAt] = [0, 0, began];
    while (Atomics.load(isEnding, 0) === 0) {
      const now = performance.now();
      const due = Math.floor(((now - began) * packetsPerSecond) / 1000) - skipped - countSent();
      skipped += Math.max(0, due - mostBehind);
      longestPauseMs = Math.max(longestPauseMs, now - lastAt);
      lastAt = now;
      if (due > 0) {
        send(Math.min(due, mostAtOnce));
        told[0] = countSent();
      }

      if (due < mostAtOnce) {
        Atomics.wait(isEnding, 0, 0, napMs);
      }
    }

    return {sent: countSent(), tookMs: performance.now() - began, longestPauseMs};
  } finally {
    link.close();
    memory.close();
    object.close();
  }
}

/** A signal that comes in between ends it early: what was sent is counted by the program. */
function sendSome(generator: TestRun, frame: Uint8Array, repeat: number): void {
  try {
    generator.sendLive(frame, {interfaceIndex: 1, repeat, batch: mostAtOnce});
  } catch (error) {
    if (!(error instanceof WorldError && error.facts.code === 'KERNEL_REFUSED' && error.facts.errno === 'EINTR')) {
      throw error;
    }
  }
}

if (isMainThread || parentPort === null) {
  throw new BugError('the sender runs in a thread of its own');
}

parentPort.postMessage(run(workerData as SenderStart));
