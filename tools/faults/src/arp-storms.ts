import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {inRealTime, shared} from '@tacoplex/lab';
import {calmly, claim, type Fault, type FaultCase, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const stormProgram = fileURLToPath(new URL('./storm-main.js', import.meta.url));

const perSecond = 100_000;
const requestsAfter = 50;

type Storm = {readonly wire: 'net-a' | 'net-b'; readonly asker: string; readonly asked: string};

/** Rows about switches that repeat a frame without end. */
export const arpStorms: readonly Fault[] = [
  {
    row: 53,
    title: 'ARP storm of a switch with a loop',
    how: `one question, ${perSecond} times a second, to everybody on the net`,
    cases: [
      ...[
        caseOf('net A, who has the LevIP', {wire: 'net-a', asker: '10.0.0.250', asked: '10.0.0.200'}),
        caseOf('net A, who has another address', {wire: 'net-a', asker: '10.0.0.250', asked: '10.0.0.99'}),
        caseOf('net B, who has the gateway', {wire: 'net-b', asker: '10.0.1.250', asked: shared.gateway.ipv4}),
        caseOf('net B, who has another address', {wire: 'net-b', asker: '10.0.1.250', asked: '10.0.1.99'}),
      ].map(one => ({...one, provenBy: proofs.arpStorms})),
    ],
  },
];

function caseOf(name: string, storm: Storm): FaultCase {
  return {name, verdict: {kind: 'G', gapMs: 500}, play: async scene => rage(scene, storm)};
}

async function rage(scene: Scene, {wire, asker, asked}: Storm): Promise<Shown> {
  const {lab, holder} = scene;
  const beganMs = Date.now();
  const words = [wire, asker, asked, String(perSecond), String(scene.isShort ? 3 : 20)];
  const {code, stdout, stderr} = await lab.exec('wire', inRealTime(30, stormProgram, words));
  if (code !== 0) {
    throw new WorldError(`storm-main: ${stderr.trim()}`, {code: 'COMMAND_FAILED', command: 'storm-main'});
  }

  const moves = scene.levelers.flatMap(leveler => linesOf(scene, leveler, 'arp-announcer', /address taken/, beganMs));
  const silent = scene.levelers.flatMap(leveler => scene.silences(leveler, beganMs));
  const halts = scene.levelers.flatMap(leveler =>
    linesOf(scene, leveler, 'frame-forwarder', /forwarding halted/, beganMs),
  );
  const failed = await countFailed(scene);
  const now = await scene.holderSeenBy(holder);
  return {
    findings: [
      claim('the storm came about', Number(stdout) > 0),
      calmly(`no address moves (${moves.length} do)`, moves.length === 0 && now === holder),
      calmly(`nobody is taken for dead (${silent.length} times)`, silent.length === 0),
      calmly(`no lease is over (${halts.length} are)`, halts.length === 0),
      claim(`of ${requestsAfter} requests after it none fails (${failed} do)`, failed === 0),
    ],
    figures: {perSecondCount: Number(stdout)},
  };
}

function linesOf(scene: Scene, leveler: string, process: string, pattern: RegExp, sinceMs: number): string[] {
  return scene
    .log(leveler, process, sinceMs)
    .map(({text}) => text)
    .filter(text => pattern.test(text));
}

/** Each over a connection of its own. */
async function countFailed({lab}: Scene): Promise<number> {
  const url = `http://${shared.servIp.ipv4}/?[1-${requestsAfter}]`;
  const words = ['-s', '-o', '/dev/null', '-m', '3', '-H', 'connection: close', '-w', '%{http_code}\n'];
  const {stdout} = await lab.exec('client', ['curl', ...words, url]);
  return requestsAfter - stdout.split('\n').filter(line => line === '200').length;
}
