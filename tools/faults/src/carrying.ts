import {type Deed, deedNamed} from '@tacoplex/bench';
import {type ClusterStatus, holderOf, statusWith} from '@tacoplex/lab';
import {claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

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
    cases: [
      {name: 'net A', verdict: {kind: 'G', gapMs: 1000}, play: async scene => changeMac(scene, deedNamed('mac-a'))},
      {
        name: 'net B',
        verdict: {kind: 'G', gapMs: 1000},
        provenBy: proofs.macOfNetB,
        play: async scene => changeMac(scene, deedNamed('mac-b')),
      },
    ],
  },
  {
    row: 50,
    title: "an interface of the holder's loses its address",
    how: 'ip address flush for 5 s, link up',
    cases: [
      {
        name: '',
        verdict: {kind: 'G', gapMs: 1000},
        play: async scene => suffer(scene, deedNamed('no-address'), /a0 has lost its address on net A/),
      },
    ],
  },
  {
    row: 51,
    title: 'answers are not let through the holder',
    how: 'sysctl; nftables',
    cases: [
      {
        name: 'ip_forward 0',
        verdict: {kind: 'G', gapMs: 1000},
        play: async scene => suffer(scene, deedNamed('no-forwarding'), /net\.ipv4\.ip_forward is 0/),
      },
      {
        name: 'ct state invalid drop',
        verdict: {kind: 'G', gapMs: 1000},
        provenBy: proofs.invalidDropped,
        play: async scene =>
          suffer(scene, deedNamed('invalid-dropped'), /inet carry forward drops packets of invalid connections/),
      },
      {
        name: 'policy routing, which only others can find out',
        verdict: {kind: 'G', gapMs: 10_000},
        play: async scene => swallow(scene, deedNamed('prohibited')),
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
        play: async scene => suffer(scene, deedNamed('lower-mtu'), /b0 carries 1400 bytes/),
      },
    ],
  },
];

/** What a leveler says of why another carries nothing. */
function whyNot({levelers}: ClusterStatus, name: string): string {
  return levelers.find(leveler => leveler.name === name)?.carries?.whyNot ?? '';
}

/** Wait until every other leveler says why this one carries nothing, and another holds the LevIP. */
export async function seeItGiveWay(scene: Scene, holder: string, why: RegExp): Promise<void> {
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

/** @param forMs how long it goes on after the others have taken over */
async function suffer(scene: Scene, deed: Deed, why: RegExp, forMs = 0): Promise<Shown> {
  const {lab, holder} = scene;
  const undo = await deed.do(lab, holder);
  try {
    await seeItGiveWay(scene, holder, why);
    await scene.pause(forMs);
  } finally {
    await undo();
  }

  await seeItCarry(scene, holder);
  return {findings: [claim('others hold the LevIP and say why, until it carries again', true)]};
}

/** Pings of the others tell. */
async function swallow(scene: Scene, deed: Deed): Promise<Shown> {
  const {lab, holder} = scene;
  const [witness = ''] = scene.others(holder);
  const isSaid = ({levelers}: ClusterStatus): boolean => levelers.some(({tried}) => tried?.back.fails.includes(holder));
  const undo = await deed.do(lab, holder);
  try {
    await statusWith(lab, witness, `pings do not get through ${holder}, and another holds the LevIP`, status => {
      const now = holderOf(status);
      return now !== undefined && now !== holder && isSaid(status);
    });
  } finally {
    await undo();
  }

  await statusWith(lab, witness, `pings get through ${holder} again`, status => !isSaid(status));
  return {findings: [claim('others find it out by pings and hold the LevIP until they come out again', true)]};
}

async function hang(scene: Scene, ms: number): Promise<Shown> {
  const longMs = scene.isShort ? 2500 : ms; // Longer than a lease
  return suffer(scene, deedNamed('forwarder-hung'), /frame-forwarder is silent/, longMs);
}

async function changeMac(scene: Scene, deed: Deed): Promise<Shown> {
  const {lab, holder} = scene;
  const changedMs = Date.now();
  const undo = await deed.do(lab, holder);
  try {
    await scene.logged([holder], 'arp-announcer', /net is open .*mac=02:00:00:00:[ab]0:99/, changedMs);
    await scene.pause(1500);
  } finally {
    await undo();
  }

  await scene.pause(1000);
  return {findings: [claim(`${holder} keeps the LevIP`, (await scene.holderSeenBy(holder)) === holder)]};
}
