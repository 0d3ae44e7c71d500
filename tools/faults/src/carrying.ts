import {type ClusterStatus, holderOf, statusWith} from '@tacoplex/lab';
import {claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Done to the holder of the shared addresses, and mended. Interfaces are a0 and b0. */
type Deed = {readonly break: readonly string[][]; readonly mend: readonly string[][]; readonly why: RegExp};

/** A package of npm has a command of that name too. */
const nft = '/usr/sbin/nft';

const seconds = (ms: number): string => `${ms / 1000} s`;

/** Rows about levelers that live, but do not carry what they attract. */
export const carrying: readonly Fault[] = [
  {
    row: 47,
    title: "the holder's frame-forwarder stops",
    how: 'kill -STOP, as if it hung',
    cases: [
      {name: 'hung for 5 s', verdict: {kind: 'G', gapMs: 1000}, play: async scene => hang(scene, 5000)},
      ...[20_000, 60_000].map(ms => ({
        name: `hung for ${seconds(ms)}`,
        verdict: {kind: 'G', gapMs: 1000} as const,
        provenBy: proofs.longHangs,
        play: async (scene: Scene) => hang(scene, ms),
      })),
    ],
  },
  {
    row: 49,
    title: 'the MAC address of an interface changes while it is up',
    how: 'ip link set address, on the holder',
    cases: (['a0', 'b0'] as const).map(name => ({
      name: name === 'a0' ? 'net A' : 'net B',
      verdict: {kind: 'G', gapMs: 1000} as const,
      ...(name === 'b0' && {provenBy: proofs.macOfNetB}),
      play: async scene => changeMac(scene, name),
    })),
  },
  {
    row: 50,
    title: "an interface of the holder's loses its address",
    how: 'ip address flush for 5 s, link up',
    cases: [{name: '', verdict: {kind: 'G', gapMs: 1000}, play: flush}],
  },
  {
    row: 51,
    title: 'answers are not let through the holder',
    how: 'sysctl; nftables',
    cases: [
      {
        name: 'ip_forward 0',
        verdict: {kind: 'G', gapMs: 1000},
        play: async scene =>
          suffer(scene, {
            break: [['sysctl', '-qw', 'net.ipv4.ip_forward=0']],
            mend: [['sysctl', '-qw', 'net.ipv4.ip_forward=1']],
            why: /net\.ipv4\.ip_forward is 0/,
          }),
      },
      {
        name: 'ct state invalid drop',
        verdict: {kind: 'G', gapMs: 1000},
        provenBy: proofs.invalidDropped,
        play: async scene =>
          suffer(scene, {
            break: [
              [nft, 'add', 'table', 'inet', 'fault'],
              [nft, 'add chain inet fault forward { type filter hook forward priority 0; }'],
              [nft, 'add rule inet fault forward ct state invalid drop'],
            ],
            mend: [[nft, 'delete', 'table', 'inet', 'fault']],
            why: /inet fault forward drops packets of invalid connections/,
          }),
      },
    ],
  },
  {
    row: 52,
    title: 'the MTU of net B is lowered on the holder',
    how: 'ip link set mtu 1400',
    cases: [
      {
        name: '',
        verdict: {kind: 'G', gapMs: 1000},
        play: async scene =>
          suffer(scene, {
            break: [['ip', 'link', 'set', 'b0', 'mtu', '1400']],
            mend: [['ip', 'link', 'set', 'b0', 'mtu', '1500']],
            why: /b0 carries 1400 bytes/,
          }),
      },
    ],
  },
];

async function run(scene: Scene, leveler: string, commands: readonly string[][]): Promise<void> {
  for (const command of commands) {
    const {code, stderr} = await scene.lab.exec(leveler, command);
    if (code !== 0) {
      throw new Error(`${command.join(' ')} on ${leveler}: ${stderr.trim()}`);
    }
  }
}

/** What a leveler says of why another carries nothing. */
function whyNot({levelers}: ClusterStatus, name: string): string {
  return levelers.find(leveler => leveler.name === name)?.carries?.whyNot ?? '';
}

/** Wait until every other leveler says why this one carries nothing, and another holds the LevIP. */
async function seeItGiveWay(scene: Scene, holder: string, why: RegExp): Promise<void> {
  await Promise.all(
    scene.others(holder).map(async witness =>
      statusWith(scene.lab, witness, `${holder} carries nothing (${why}), and another holds the LevIP`, status => {
        const now = holderOf(status);
        return now !== undefined && now !== holder && why.test(whyNot(status, holder));
      }),
    ),
  );
}

async function seeItCarry(scene: Scene, holder: string): Promise<void> {
  const [witness = ''] = scene.others(holder);
  await statusWith(scene.lab, witness, `${holder} carries again`, status => whyNot(status, holder) === '');
}

async function suffer(scene: Scene, deed: Deed): Promise<Shown> {
  const {holder} = scene;
  try {
    await run(scene, holder, deed.break);
    await seeItGiveWay(scene, holder, deed.why);
  } finally {
    await run(scene, holder, deed.mend);
  }

  await seeItCarry(scene, holder);
  return {findings: [claim('others hold the LevIP and say why, until it carries again', true)]};
}

async function hang(scene: Scene, ms: number): Promise<Shown> {
  const {lab, holder} = scene;
  await lab.killProcess(holder, 'frame-forwarder', 'SIGSTOP');
  try {
    await seeItGiveWay(scene, holder, /frame-forwarder is silent/);
    await scene.pause(scene.isShort ? 2500 : ms); // Longer than a lease
  } finally {
    await lab.killProcess(holder, 'frame-forwarder', 'SIGCONT');
  }

  await seeItCarry(scene, holder);
  return {findings: [claim('others hold the LevIP and say why, until it lives again', true)]};
}

async function changeMac(scene: Scene, name: 'a0' | 'b0'): Promise<Shown> {
  const {holder} = scene;
  const before = await macOf(scene, holder, name);
  const other = `02:00:00:00:${name === 'a0' ? '0a' : '0b'}:99`;
  const changedMs = Date.now();
  try {
    await run(scene, holder, [['ip', 'link', 'set', name, 'address', other]]);
    await scene.logged([holder], 'arp-announcer', new RegExp(`net is open .*mac=${other}`), changedMs);
    await scene.pause(1500);
  } finally {
    await run(scene, holder, [['ip', 'link', 'set', name, 'address', before]]);
  }

  await scene.pause(1000);
  return {findings: [claim(`${holder} keeps the LevIP`, (await scene.holderSeenBy(holder)) === holder)]};
}

async function macOf(scene: Scene, leveler: string, name: string): Promise<string> {
  const {stdout} = await scene.lab.exec(leveler, ['ip', '-j', 'link', 'show', name]);
  return (JSON.parse(stdout) as {address: string}[])[0]?.address ?? '';
}

/** With the address go the routes that need it: both are put back, as an operator would. */
async function flush(scene: Scene): Promise<Shown> {
  const {lab, holder} = scene;
  const {stdout} = await lab.exec(holder, ['ip', '-j', '-4', 'address', 'show', 'a0']);
  const [{addr_info: [address] = []} = {}] = JSON.parse(stdout) as {
    addr_info?: {local: string; prefixlen: number}[];
  }[];
  const saved = await lab.exec(holder, ['ip', '-4', 'route', 'show', 'dev', 'a0', 'scope', 'global']);
  const routes = saved.stdout.split('\n').filter(line => line.trim() !== '');
  return suffer(scene, {
    break: [['ip', '-4', 'address', 'flush', 'dev', 'a0']],
    mend: [
      ['ip', 'address', 'add', `${address?.local}/${address?.prefixlen}`, 'dev', 'a0'],
      ...routes.map(route => ['ip', 'route', 'replace', ...route.trim().split(/\s+/), 'dev', 'a0']),
    ],
    why: /a0 has lost its address on net A/,
  });
}
