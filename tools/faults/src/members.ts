import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {claim, type Fault, type FaultCase, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const pesterProgram = fileURLToPath(new URL('./pester-main.js', import.meta.url));

/** What the broker may need on top, however it is misused, MiB. */
const mostMib = 32;

const broker = 'admin-broker';

/** Rows about people who may ask, and ask too much. */
export const members: readonly Fault[] = [
  {
    row: 58,
    title: "a member of the group tacoplex misuses the admin-broker's socket",
    how: 'as nobody of that group, on the holder',
    cases: [
      {...caseOf('64 MiB message', 'large'), provenBy: proofs.largeQuestion},
      {...caseOf('5,000 questions, answers unread', 'unread'), provenBy: proofs.unreadAnswers},
      caseOf('malformed ones, 10,000 a second', 'malformed'),
    ],
  },
];

function caseOf(name: string, way: string): FaultCase {
  return {name, verdict: {kind: 'Z'}, play: async scene => pester(scene, way)};
}

async function pester(scene: Scene, way: string): Promise<Shown> {
  const {lab, holder} = scene;
  const pid = (await lab.processPid(holder, broker)) ?? 0;
  const [beganMs, beforeMib] = [Date.now(), forgetPeak(pid)];
  const words = [pesterProgram, '/run/tacoplex/admin-broker.sock', way, String(scene.isShort ? 2 : 15)];
  const pestering = lab.exec(holder, [process.execPath, ...words]);
  await scene.pause(1000);
  const status = await scene.status(holder);
  const {code, stdout, stderr} = await pestering;
  if (code !== 0) {
    throw new WorldError(`pester-main: ${stderr.trim()}`, {code: 'COMMAND_FAILED', command: 'pester-main'});
  }

  const [afterMib, peakMib] = [memoryMib(pid, 'VmRSS'), memoryMib(pid, 'VmHWM')];
  const mostLines = mostOfOneKind(scene, beganMs);
  return {
    findings: [
      claim('taco is answered meanwhile', status !== undefined),
      claim('the broker lives on', (await lab.processPid(holder, broker)) === pid),
      claim(`it needs at most ${mostMib} MiB more (${beforeMib}, at most ${peakMib})`, peakMib - beforeMib <= mostMib),
      claim(`it tells each cause once a minute (${mostLines} times)`, mostLines <= 1),
    ],
    figures: {sentCount: Number(stdout), beforeMib, peakMib, afterMib},
  };
}

/** The peak that is read later counts from now on. @returns what is in use now, MiB */
function forgetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return memoryMib(pid, 'VmRSS');
}

function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib ?? 0) / 1024);
}

/** Of the lines of the broker's log since then, how many are the same but for how often it happened. */
function mostOfOneKind(scene: Scene, sinceMs: number): number {
  const counts = new Map<string, number>();
  for (const {text} of scene.log(scene.holder, broker, sinceMs)) {
    const kind = text.replace(/ count=\d+/, '');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }

  return Math.max(0, ...counts.values());
}
