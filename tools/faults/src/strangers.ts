import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {statusWith} from '@tacoplex/lab';
import {untilWhole} from './cluster.ts';
import type {Change} from './datagrams.ts';
import {calmly, claim, type Fault, type Shown} from './fault.ts';
import type {Finding} from './measured.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const resendProgram = fileURLToPath(new URL('./resend-main.js', import.meta.url));

/** Of three levelers, each with 20 beats a second. */
const recordedPerSecond = 60;

/** Rows about datagrams that are none of the cluster's, or were. */
export const strangers: readonly Fault[] = [
  {
    row: 28,
    title: 'what was said earlier is said again, ten times as fast',
    how: 'datagrams of both nets recorded, all electors restarted, sent again',
    cases: [{name: '', verdict: {kind: 'Z'}, play: replayAll}],
  },
  {
    row: 29,
    title: "a restarted leveler's own former session is said again",
    how: 'its datagrams recorded, its elector restarted, sent again',
    cases: [{name: '', verdict: {kind: 'Z'}, play: replayOwn}],
  },
  {
    row: 30,
    title: 'forged datagrams',
    how: 'recorded ones changed and sent, hundreds a second',
    cases: [
      {
        name: 'noise',
        verdict: {kind: 'N'},
        provenBy: proofs.noise,
        play: async scene => forge(scene, 'noise', ['malformed']),
      },
      {name: 'wrong HMAC', verdict: {kind: 'N'}, play: async scene => forge(scene, 'wrong-mac', ['bad-mac'])},
      {
        name: 'cut HMAC',
        verdict: {kind: 'N'},
        provenBy: proofs.badMac,
        play: async scene => forge(scene, 'cut-mac', ['bad-mac']),
      },
      {
        name: 'unknown key',
        verdict: {kind: 'N'},
        provenBy: proofs.unknownKey,
        play: async scene => forge(scene, 'unknown-key', ['unknown-key']),
      },
    ],
  },
  {
    row: 31,
    title: 'a valid datagram where it does not belong',
    how: 'beats of net A also on net B, as they come; recorded ones with another sender',
    cases: [
      {name: 'on the other net', verdict: {kind: 'N'}, play: leak},
      {
        name: 'another sender',
        verdict: {kind: 'N'},
        provenBy: proofs.badMac,
        play: async scene => forge(scene, 'other-sender', ['bad-mac']),
      },
    ],
  },
];

async function replayAll(scene: Scene): Promise<Shown> {
  const files = await record(scene, undefined);
  await restartElectors(scene, scene.levelers);
  return watch(scene, async () => resend(scene, files, 10 * recordedPerSecond, 'none'), []);
}

async function replayOwn(scene: Scene): Promise<Shown> {
  const leveler = scene.pick(scene.others(scene.leader));
  const files = await record(scene, leveler);
  await restartElectors(scene, [leveler]);
  return watch(scene, async () => resend(scene, files, recordedPerSecond, 'none'), []);
}

async function forge(scene: Scene, change: Change, classes: readonly string[]): Promise<Shown> {
  const files = await record(scene, undefined);
  return watch(scene, async () => resend(scene, files, 10 * recordedPerSecond, change), classes);
}

async function leak(scene: Scene): Promise<Shown> {
  const act = async (): Promise<number> => {
    await scene.trouble.make([{wires: ['net-a'], kind: 'cluster', alsoOn: 'net-b'}]);
    await scene.pause(scene.isShort ? 2000 : 10_000);
    return (await scene.trouble.make([])).copied;
  };
  return watch(scene, act, ['wrong-net']);
}

/** Record what levelers say on both nets for a moment: all of them, or one. @returns the file of each net */
async function record(scene: Scene, leveler: string | undefined): Promise<Recorded> {
  const {lab} = scene;
  const places = (['net-a', 'net-b'] as const).map(wire => ({
    wire,
    mac: leveler === undefined ? '' : macOf(scene, leveler, wire),
    file: join(lab.folder, `recorded-${wire}.pcap`),
  }));
  const captures = await Promise.all(places.map(async ({wire, file}) => lab.capture('wire', wire, file)));
  await scene.pause(scene.isShort ? 1000 : 5000);
  await Promise.all(captures.map(async capture => capture.stop()));
  return places;
}

type Recorded = readonly {readonly wire: string; readonly file: string; readonly mac: string}[];

function macOf({lab}: Scene, host: string, wire: string): string {
  return lab.host(host).links.find(link => link.wire === wire)?.mac ?? '';
}

/** @returns how many were sent */
async function resend({lab, draw}: Scene, places: Recorded, perSecond: number, change: Change): Promise<number> {
  const sent = places.map(async ({wire, file, mac}) => {
    const words = [file, wire, String(perSecond), change, String(1 + draw(2 ** 31 - 1)), mac];
    const {code, stdout, stderr} = await lab.exec('wire', [process.execPath, resendProgram, ...words]);
    rmSync(file, {force: true});
    if (code !== 0) {
      throw new WorldError(`resend-main: ${stderr.trim()}`, {code: 'COMMAND_FAILED', command: 'resend-main'});
    }

    return Number(stdout);
  });
  return (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
}

async function restartElectors({lab}: Scene, levelers: readonly string[]): Promise<void> {
  for (const leveler of levelers) {
    const former = await lab.killProcess(leveler, 'elector');
    await lab.waitForSuccessor(leveler, 'elector', former);
  }
}

/** See that it is counted, logged once, and nothing else. */
async function watch(scene: Scene, act: () => Promise<number>, classes: readonly string[]): Promise<Shown> {
  const beganMs = Date.now();
  await untilWhole(scene.lab);
  const [before, termBefore] = [await counted(scene, classes), await termOf(scene)];
  const sent = await act();
  const [after, termAfter] = [await counted(scene, classes), await termOf(scene)];
  const noisy = scene.levelers.map(leveler => tellings(scene, leveler, beganMs));
  return {
    findings: [
      claim('datagrams were sent', sent > 0),
      calmly(`no election meanwhile (${termAfter - termBefore})`, termAfter === termBefore),
      ...classes.map((name, index): Finding => {
        const rise = (after[index] ?? 0) - (before[index] ?? 0);
        return claim(`counted as ${name} (${rise} of ${sent} sent, at one leveler)`, rise > 0);
      }),
      claim(
        `told at most twice by each leveler (${noisy.join(', ')})`,
        noisy.every(count => count <= 2),
      ),
    ],
    figures: {sentCount: sent},
  };
}

function tellings(scene: Scene, leveler: string, sinceMs: number): number {
  return scene.log(leveler, 'elector', sinceMs).filter(({text}) => text.includes('datagrams dropped')).length;
}

async function counted(scene: Scene, classes: readonly string[]): Promise<number[]> {
  const status = await scene.status(scene.levelers[0] ?? '');
  return classes.map(name => status?.reasons.find(reason => reason.name === `datagram ${name}`)?.count ?? 0);
}

async function termOf(scene: Scene): Promise<number> {
  return statusWith(scene.lab, scene.levelers[0] ?? '', 'its term', ({term}) => term ?? undefined);
}
