import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {levIp, statusWith} from '@tacoplex/lab';
import {claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const shoutProgram = fileURLToPath(new URL('./shout-main.js', import.meta.url));

/** Rows about ARP that somebody forges. */
export const forgers: readonly Fault[] = [
  {
    row: 25,
    title: 'a stranger claims the LevIP',
    how: 'ARP to all on net A, request and answer, from a MAC address that nobody has',
    cases: [1, 10].map(perSecond => ({
      name: `${perSecond} a second`,
      verdict: {kind: 'R'} as const,
      provenBy: proofs.outbid,
      play: async (scene: Scene) => claimLevIp(scene, perSecond),
    })),
  },
  {
    row: 56,
    title: 'the last leveler hears ARP in the name of a dead one',
    how: 'two of three switched off; ARP for the LevIP with the MAC address of one of them, to the third',
    cases: [
      {name: '2 a second', verdict: {kind: 'Z'}, provenBy: proofs.forgedTenTimes, play: async scene => haunt(scene, 2)},
      {name: '10 a second', verdict: {kind: 'Z'}, play: async scene => haunt(scene, 10)},
    ],
  },
  {
    row: 59,
    title: "a stranger claims a server's address, or the router's",
    how: 'ARP to all, request and answer, from a MAC address that nobody has',
    cases: [
      {
        name: '1 a second',
        verdict: {kind: 'Z'},
        provenBy: proofs.claimedTenTimes,
        play: async scene => claimServer(scene, 1),
      },
      {name: '10 a second', verdict: {kind: 'Z'}, play: async scene => claimServer(scene, 10)},
      ...[1, 10].map(perSecond => ({
        name: `the router's, ${perSecond} a second`,
        verdict: {kind: 'R'} as const,
        provenBy: proofs.outbid,
        play: async (scene: Scene) => claimOnNetA(scene, perSecond, addressOf(scene, 'router', 'net-a')),
      })),
    ],
  },
];

type Shout = {
  readonly wire: 'net-a' | 'net-b';
  readonly perSecond: number;
  readonly seconds: number;
  readonly mac: string;
  readonly address: string;
  /** Default: all. */
  readonly to?: string;
};

/** @throws WorldError COMMAND_FAILED */
async function shout({lab}: Scene, {wire, perSecond, seconds, mac, address, to = 'all'}: Shout): Promise<void> {
  const words = [shoutProgram, wire, String(perSecond), String(seconds), mac, address, to];
  const {code, stderr} = await lab.exec('wire', [process.execPath, ...words]);
  if (code !== 0) {
    throw new WorldError(`shout-main: ${stderr.trim()}`, {code: 'COMMAND_FAILED', command: 'shout-main'});
  }
}

/** Of nobody. */
const strangerMac = '02:66:66:66:66:66';

async function claimServer(scene: Scene, perSecond: number): Promise<Shown> {
  const {lab, levelers} = scene;
  const server = scene.pick(lab.servers.map(({name}) => name));
  const address = addressOf(scene, server, 'net-b');
  const seconds = scene.isShort ? 3 : 20;
  const shouting = shout(scene, {wire: 'net-b', perSecond, seconds, mac: strangerMac, address});
  const beganMs = Date.now();
  await Promise.all(
    levelers.map(async leveler =>
      statusWith(lab, leveler, `${server} is at two MAC addresses`, ({warnings}) =>
        warnings.some(({what}) => what.includes('is at two MAC addresses') && what.includes(strangerMac)),
      ),
    ),
  );
  const toldMs = Date.now() - beganMs;
  await shouting;
  const lines = levelers.map(
    leveler =>
      scene.log(leveler, 'frame-forwarder', beganMs - 1000).filter(({text}) => text.includes('two MAC')).length,
  );
  return {
    findings: [
      claim(
        `told in each leveler's log at most once (${lines.join(', ')})`,
        lines.every(count => count <= 1),
      ),
    ],
    figures: {shoutsCount: perSecond * seconds, toldMs},
  };
}

/** What is lost meanwhile is the load's to tell: see docs/security.md. */
async function claimOnNetA(scene: Scene, perSecond: number, address: string): Promise<Shown> {
  const seconds = scene.isShort ? 3 : 20;
  await shout(scene, {wire: 'net-a', perSecond, seconds, mac: strangerMac, address});
  return {figures: {shoutsCount: perSecond * seconds}};
}

async function claimLevIp(scene: Scene, perSecond: number): Promise<Shown> {
  const address = levIp(0).ipv4;
  const beganMs = Date.now();
  const shown = await claimOnNetA(scene, perSecond, address);
  const told = new RegExp(`duplicate announcer.*${address}.*${strangerMac}`);
  const counts = scene.levelers.map(
    leveler => scene.log(leveler, 'arp-announcer', beganMs - 60_000).filter(({text}) => told.test(text)).length,
  );
  return {
    ...shown,
    findings: [
      claim(
        `told by each leveler once (${counts.join(', ')})`,
        counts.every(count => count === 1),
      ),
    ],
  };
}

function addressOf({lab}: Scene, host: string, wire: string): string {
  return lab.host(host).links.find(link => link.wire === wire)?.ipv4 ?? '';
}

function macOf({lab}: Scene, host: string, wire: string): string {
  return lab.host(host).links.find(link => link.wire === wire)?.mac ?? '';
}

/** The holder is left, and somebody speaks in the name of one that is gone. */
async function haunt(scene: Scene, perSecond: number): Promise<Shown> {
  const {lab, holder} = scene;
  const dead = scene.others(holder);
  const mac = macOf(scene, scene.pick(dead), 'net-a');
  await Promise.all(dead.map(async leveler => lab.powerOff(leveler)));
  await statusWith(lab, holder, 'it serves alone', ({standing}) => standing.state === 'caretaker');
  const beganMs = Date.now();
  const seconds = scene.isShort ? 4 : 20;
  const to = macOf(scene, holder, 'net-a');
  await shout(scene, {wire: 'net-a', perSecond, seconds, mac, address: levIp(0).ipv4, to});
  const changes = scene.log(holder, 'elector', beganMs).filter(({text}) => /others serve/.test(text)).length;
  const told = scene
    .log(holder, 'arp-announcer', beganMs - 60_000) // A run before this one may have told it for this minute
    .filter(({text}) => text.includes('proves nothing') && text.includes(mac)).length;
  return {
    findings: [
      claim(`it goes on serving (stopped ${changes} times)`, changes === 0),
      claim(`told with the MAC address, once a minute (${told} times in two)`, told === 1 || told === 2),
    ],
    figures: {shoutsCount: perSecond * seconds},
  };
}
