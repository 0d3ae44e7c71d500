import {type Program, readProgramSize, TestRun} from '@tacoplex/kernel';
import {type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {XdpReplica} from '@tacoplex/xdp-engine';
import type {Case} from './datapath-cases.ts';
import {contentOf} from './datapath-content.ts';
import {type CaseFigures, type ProgramFigures, spreadOf} from './datapath-figures.ts';
import {frameOf} from './datapath-frames.ts';

const mac = '02:00:00:00:00:0a' as MacAddress;
const rounds = 7;
const repeat = 100_000;

/** Programs on their own, run on one frame again and again by the kernel: no wires, no drivers. */
export class BarePrograms {
  readonly #limit: Program;
  readonly #replica: XdpReplica;

  constructor(limit: Program) {
    this.#limit = limit;
    this.#replica = new XdpReplica({sourceMac: macToBytes(mac), isOneArm: false, wantsLogs: true});
    this.#replica.control.forwardForEver();
  }

  measure(one: Case): CaseFigures['nsPerPacket'] {
    // Servers have our own MAC address: a frame that was forwarded is for us again
    this.#replica.install(contentOf({groups: 1, serversEach: one.servers}, mac, () => mac));
    const frame = frameOf(one, mac, mac);
    const runs = {limit: new TestRun(this.#limit), xdp: new TestRun(this.#replica.program)};
    const samples = {limit: [] as number[], xdp: [] as number[]};
    for (let round = 0; round < rounds; round++) {
      samples.limit.push(runs.limit.measure(frame, repeat));
      samples.xdp.push(runs.xdp.measure(frame, repeat));
    }

    return {
      limit: {median: spreadOf(samples.limit).median, samples: samples.limit},
      xdp: {median: spreadOf(samples.xdp).median, samples: samples.xdp},
    };
  }

  get instructions(): Readonly<Record<'limit' | 'xdp', ProgramFigures>> {
    const {program} = this.#replica;
    return {
      limit: describe(this.#limit, this.#limit.log),
      xdp: describe(program, this.#replica.logs[program.name] ?? ''),
    };
  }

  close(): void {
    this.#replica.close();
  }
}

function describe(program: Program, log: string): ProgramFigures {
  const [, processed = '0'] = /processed (\d+) insns/.exec(log) ?? [];
  return {verifiedInstructions: Number(processed), ...readProgramSize(program)};
}
