/**
 * trouble-main - lose, double, corrupt and delay frames on the wires of a laboratory.
 *
 * usage: trouble-main FILE PORT...
 *
 * FILE is the program, PORT the bridges' ends of cables. Reads orders from stdin, one JSON document a line:
 * {"seed": 1, "clusterPort": 7848, "rules": [...]}, each instead of the one before; says `ready` when it began, and after
 * each order what came of the one before: {"counts": [...]}, one count a rule. Ends with its stdin, and all trouble with it.
 *
 * Needs  CAP_NET_ADMIN, CAP_BPF, CAP_NET_RAW, in the namespace of the wires; a kernel from 6.6 on
 */
import {execFileSync} from 'node:child_process';
import {createInterface} from 'node:readline';
import {WorldError} from '@tacoplex/errors';
import {attachTcx, BpfObject, PacketSender, RingBuffer} from '@tacoplex/kernel';
import type {TroubleRule} from './trouble.ts';
import {decodeCount, doneMark, encodeRule, encodeSettings, layout, type TroubleCount} from './trouble-layout.ts';

/** What stdin says. */
export type TroubleOrder = {
  readonly seed: number;
  readonly clusterPort: number;
  readonly rules: readonly TroubleRule[];
};

const lookEveryMs = 1;

const [, , file = '', ...ports] = process.argv;
const indices = readIndices();
const object = new BpfObject(file, {programs: ['trouble']});
const [rules, counts, settings] = [object.map('rules'), object.map('counts'), object.map('settings')];
const ring = new RingBuffer(object.map('held'));
const sender = new PacketSender({mark: doneMark});
for (const port of ports) {
  attachTcx(object.program('trouble'), {name: port, index: indexOf(port)}, 'egress');
}

let carriedOut = 0;
let isLooking = false;
process.stdout.write('ready\n');
const lines = createInterface({input: process.stdin});
lines.on('line', line => {
  process.stdout.write(`${JSON.stringify({counts: carryOut(JSON.parse(line) as TroubleOrder)})}\n`);
});
lines.on('close', () => process.exit(0));

/** @returns what came of the order before */
function carryOut({seed, clusterPort, rules: wanted}: TroubleOrder): TroubleCount[] {
  settings.set(0, encodeSettings(seed, 0, clusterPort)); // No frame meets half an order
  const came = Array.from({length: carriedOut}, (_, index) => takeCount(index));
  for (const [index, rule] of wanted.entries()) {
    rules.set(index, encodeRule(rule, indexOf));
  }

  settings.set(0, encodeSettings(seed, wanted.length, clusterPort));
  carriedOut = wanted.length;
  if (!isLooking && wanted.some(({delayUs: [, most]}) => most > 0)) {
    isLooking = true;
    setInterval(sendLater, lookEveryMs);
  }

  return came;
}

function takeCount(index: number): TroubleCount {
  const bytes = new Uint8Array(layout.count.bytes);
  counts.read(index, bytes);
  counts.set(index, new Uint8Array(layout.count.bytes));
  return decodeCount(bytes);
}

function sendLater(): void {
  ring.drain(record => {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const {held} = layout;
    const [port, length] = [view.getUint32(held.port, true), view.getUint32(held.length, true)];
    const frame = record.slice(held.bytes, held.bytes + length);
    setTimeout(() => sender.send(port, frame), view.getUint32(held.delayUs, true) / 1000);
  });
}

function indexOf(port: string): number {
  const index = indices.get(port);
  if (index === undefined) {
    throw new WorldError(`there is no port ${port}`, {code: 'INTERFACE_UNUSABLE', interfaceName: port});
  }

  return index;
}

/** /sys has the interfaces of another namespace. */
function readIndices(): Map<string, number> {
  const text = execFileSync('ip', ['-j', 'link', 'show'], {encoding: 'utf8'});
  const links = JSON.parse(text) as {readonly ifname: string; readonly ifindex: number}[];
  return new Map(links.map(({ifname, ifindex}) => [ifname, ifindex]));
}
