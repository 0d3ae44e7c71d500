import {levIp, shared, statusWith} from '@tacoplex/lab';
import {claim, type Fault, type Shown} from './fault.ts';
import type {Finding} from './measured.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** Rows about what an operator tells the cluster by mistake. */
export const wrongServers: readonly Fault[] = [
  {
    row: 60,
    title: 'a server is added that nobody is, or somebody else',
    how: 'taco server add, on any leveler',
    cases: [{name: '', verdict: {kind: 'Z'}, provenBy: proofs.wrongServers, play: addWrongServers}],
  },
];

/** What each of these addresses is, and how `taco` says so. */
function wrongAddresses({lab, holder}: Scene): readonly (readonly [address: string, refusal: RegExp])[] {
  const onNet = (host: string, wire: string): string =>
    lab.host(host).links.find(link => link.wire === wire)?.ipv4 ?? '';
  return [
    ['10.0.1.150', /does not answer ARP on net B/],
    [onNet(holder, 'net-b'), /is the own address of leveler/],
    [shared.gateway.ipv4, /is a gateway on net B/],
    [levIp(0).ipv4, /is a LevIP/],
    [onNet('router', 'net-a'), /is a router on net A/],
    ['10.0.1.255', /is the broadcast address of net B/],
    ['192.0.2.7', /is outside net B/],
  ];
}

async function addWrongServers(scene: Scene): Promise<Shown> {
  const version = async (): Promise<string> =>
    statusWith(scene.lab, scene.holder, 'a version', status => status.version ?? undefined);
  const before = await version();
  const findings: Finding[] = [];
  for (const [address, refusal] of wrongAddresses(scene)) {
    const words = ['taco', 'server', 'add', 'wrong', address];
    const {code, stderr} = await scene.lab.exec(scene.pick(scene.levelers), words);
    findings.push(claim(`${address} is refused: ${stderr.split('\n')[0]}`, code === 1 && refusal.test(stderr)));
  }

  return {findings: [...findings, claim('the state is the one that it was', (await version()) === before)]};
}
