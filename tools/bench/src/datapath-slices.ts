import {WorldError} from '@tacoplex/errors';
import type {Case} from './datapath-cases.ts';
import {type ForwarderName, forwarderNames, type Slice, spreadOf} from './datapath-figures.ts';
import type {Forwarder} from './datapath-forwarder.ts';
import {frameOf, senderMac, unpaddedBytes} from './datapath-frames.ts';
import type {Arrived} from './datapath-sink.ts';
import type {DatapathStage, Lane} from './datapath-stage.ts';
import {takeTurn} from './interruption.ts';
import type {Processor} from './processor.ts';

/** A forwarder in its lane. */
export type Contestant = {readonly name: ForwarderName; readonly lane: Lane; readonly forwarder: Forwarder};

/** Rounds of all contestants, and behind them of the first two alone, whose ratio is the finest. */
export type Plan = {readonly rounds: number; readonly furtherPairs: number; readonly sliceMs: number};

const warmUpFrames = 30_016; // A multiple of what a driver hands over in one go
const stragglerTurns = 200;
const fewestFrames = 64;
const timesWithout = 15;

/** Slices of all forwarders in one case, by name; slices of the same index were taken next to each other. */
export class Slicer {
  readonly #stage: DatapathStage;
  readonly #processor: Processor;
  readonly #signal: AbortSignal;
  /** What it takes to send next to nothing, ns: memory for frames, mostly. */
  #overheadNs = 0;

  constructor(stage: DatapathStage, processor: Processor, signal: AbortSignal) {
    this.#stage = stage;
    this.#processor = processor;
    this.#signal = signal;
  }

  /** Find out what does not count. */
  async calibrate(one: Case, contestant: Contestant): Promise<void> {
    await contestant.forwarder.prepare(one);
    const samples: number[] = [];
    for (let time = 0; time < timesWithout; time++) {
      const {sent, mpps} = await this.#take(one, contestant, fewestFrames);
      samples.push((sent / mpps) * 1000);
    }

    this.#overheadNs = spreadOf(samples).median;
  }

  /** @param onRound told after each */
  async compare(
    one: Case,
    contestants: readonly Contestant[],
    {rounds, furtherPairs, sliceMs}: Plan,
    onRound: () => void,
  ): Promise<Record<ForwarderName, Slice[]>> {
    const slices = Object.fromEntries(forwarderNames.map(name => [name, [] as Slice[]])) as Record<
      ForwarderName,
      Slice[]
    >;
    const counts = new Map<Contestant, number>();
    for (const contestant of contestants) {
      await contestant.forwarder.prepare(one);
      const {mpps} = await this.#take(one, contestant, warmUpFrames);
      counts.set(contestant, fewestFrames * Math.ceil((mpps * 1000 * sliceMs) / fewestFrames));
    }

    for (let round = 0; round < rounds + furtherPairs; round++) {
      const taking = round < rounds ? contestants : contestants.slice(0, 2);
      for (const contestant of round % 2 === 0 ? taking : taking.toReversed()) {
        slices[contestant.name].push(await this.#take(one, contestant, counts.get(contestant) ?? warmUpFrames));
      }

      onRound();
    }

    return slices;
  }

  async #take(one: Case, contestant: Contestant, count: number): Promise<Slice> {
    for (;;) {
      const slice = await this.#try(one, contestant, count);
      if (slice !== undefined) {
        return slice;
      }
    }
  }

  /** @returns undefined if a signal came in between that is none of ours */
  async #try(one: Case, {name, lane, forwarder}: Contestant, count: number): Promise<Slice | undefined> {
    const frame = frameOf(one, lane.netA.mac, senderMac);
    this.#stage.order(lane, frame, one.flows);
    await takeTurn();
    this.#signal.throwIfAborted();
    forwarder.renew?.();
    const [before, began] = [this.#stage.arrived, this.#processor.workedNs()];
    try {
      this.#stage.send(frame, count);
    } catch (error) {
      if (error instanceof WorldError && error.facts.code === 'KERNEL_REFUSED' && error.facts.errno === 'EINTR') {
        return undefined;
      }

      throw error;
    }

    const workedNs = this.#processor.workedNs() - began - this.#overheadNs;
    const after = await this.#waitForAll(before.frames + count);
    check(`${one.name}, ${name}`, before, after, frame);
    const delivered = after.frames - before.frames;
    return {
      mpps: (1000 * delivered) / workedNs,
      sent: count,
      lost: count - delivered,
      servers: after.servers.filter((frames, number) => frames > (before.servers[number] ?? 0)).length,
    };
  }

  /** A few may still be on their way when the sender is back. */
  async #waitForAll(frames: number): Promise<Arrived> {
    let {arrived} = this.#stage;
    for (let turn = 0; arrived.frames < frames && turn < stragglerTurns; turn++) {
      await takeTurn();
      arrived = this.#stage.arrived;
    }

    return arrived;
  }
}

/** What is counted must be what was sent. */
function check(what: string, before: Arrived, after: Arrived, frame: Uint8Array): void {
  const [frames, bytes] = [after.frames - before.frames, after.bytes - before.bytes];
  if (frames === 0 || bytes < frames * unpaddedBytes(frame) || bytes > frames * frame.length) {
    const others = after.others - before.others;
    throw new WorldError(
      `${what}: of ${frame.length} bytes each have arrived ${frames} frames with ${bytes} bytes, and ${others} others`,
      {code: 'KERNEL_REFUSED', operation: 'forward frames', errno: ''},
    );
  }
}
