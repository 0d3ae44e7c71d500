import test from 'ava';
import {
  type Evidence,
  findStages,
  findSuccessor,
  formatStages,
  mediansOf,
  readLines,
  type Stages,
} from '../src/failover-stages.ts';
import type {PcapRecord} from '../src/pcap-records.ts';

const macs = {leveler0: '02:00:00:00:00:00', leveler1: '02:00:00:00:00:01', router: '02:00:00:00:00:99'} as const;
const levIp = [10, 0, 0, 200];
const cutMs = Date.parse('2026-11-30T20:00:01.000Z');

const frameFrom = (mac: string, type: number): Buffer => {
  const frame = Buffer.alloc(60);
  frame.set(
    mac.split(':').map(byte => Number.parseInt(byte, 16)),
    6,
  );
  frame.writeUInt16BE(type, 12);
  return frame;
};
const beat = (atMs: number, mac: string): PcapRecord => ({atMs, frame: frameFrom(mac, 0x0800)});
const arp = (atMs: number, mac: string, sender: readonly number[]): PcapRecord => {
  const frame = frameFrom(mac, 0x0806);
  frame.set(sender, 28);
  return {atMs, frame};
};

const evidence: Evidence = {
  records: [
    arp(cutMs - 500, macs.leveler1, levIp),
    beat(cutMs - 70, macs.leveler0),
    beat(cutMs - 20, macs.leveler0),
    beat(cutMs - 10, macs.leveler1),
    arp(cutMs + 90, macs.router, [10, 0, 0, 1]),
    arp(cutMs + 100, macs.leveler0, levIp),
    arp(cutMs + 131.5, macs.leveler1, levIp),
    arp(cutMs + 132, macs.leveler1, levIp),
  ],
  levIp: '10.0.0.200',
  victim: {name: 'leveler0', mac: macs.leveler0},
  cutMs,
  answeredMs: cutMs + 134,
};

const electorLog = `2026-11-30T20:00:00.500Z elector: notice: leveler silent leveler=1 name=leveler0
2026-11-30T20:00:01.129Z elector: notice: leveler silent leveler=2 name=leveler2
2026-11-30T20:00:01.130Z elector: notice: leveler silent leveler=1 name=leveler0
`;
const announcerLog = `2026-11-30T20:00:01.131Z arp-announcer: notice: address taken address=10.0.0.200 turn=3 reason=dead
`;
const logs = {elector: readLines(electorLog), announcer: readLines(announcerLog)};

test('who speaks first for the address after the cut, and is not the dead one, is the successor', t => {
  t.deepEqual(findSuccessor(evidence), {mac: macs.leveler1, atMs: cutMs + 131.5});
  t.is(findSuccessor({...evidence, records: evidence.records.slice(0, 6)}), undefined);
});

test('each stage begins where the one before ends', t => {
  t.deepEqual(findStages(evidence, findSuccessor(evidence)!, logs), {
    beatToCut: 20,
    beatToSuspicion: 150,
    suspicionToGrab: 1,
    grabToArp: 0.5,
    arpToEcho: 2.5,
  });
});

test('without a piece of evidence nothing is said', t => {
  const successor = findSuccessor(evidence)!;

  t.is(findStages(evidence, successor, {...logs, elector: []}), undefined);
  t.is(findStages(evidence, successor, {...logs, announcer: []}), undefined);
  t.is(findStages({...evidence, records: []}, successor, logs), undefined);
});

test('medians are told of those cases that have any', t => {
  const stages = (beatToSuspicion: number): Stages => ({
    beatToCut: 1,
    beatToSuspicion,
    suspicionToGrab: 1,
    grabToArp: 1,
    arpToEcho: 1,
  });

  t.is(mediansOf([]), undefined);
  t.is(mediansOf([stages(150), stages(152), stages(190)])?.beatToSuspicion, 152);
  t.deepEqual(formatStages([['keepalived', undefined]]), []);
  t.regex(formatStages([['power-cut', stages(150)]]).join('\n'), /^power-cut +1\.0 +150\.0 /m);
});
