import {shared} from '@tacoplex/lab';
import type {Scene} from './scene.ts';

/** A neighbour of the router that nobody is, to send frames to any leveler by its MAC address. */
const detour = '10.0.0.250';
const mark = 77;

/** Whether a leveler's data path forwards what is sent to its MAC address, whoever holds the LevIP. */
export async function forwards({lab}: Scene, leveler: string): Promise<boolean> {
  const mac = lab.host(leveler).links.find(({wire}) => wire === 'net-a')?.mac ?? '';
  const {servIp} = shared;
  const script = [
    'set -e',
    `ip neigh replace ${detour} lladdr ${mac} dev a0 nud permanent`,
    `ip route replace ${servIp.ipv4}/32 via ${detour} dev a0 table ${mark}`,
    `ip rule list | grep -q fwmark || ip rule add fwmark ${mark} lookup ${mark}`,
    `ping -q -c 5 -i 0.05 -W 1 -m ${mark} ${servIp.ipv4}`,
  ];
  const {code} = await lab.exec('router', ['sh', '-c', script.join('\n')]);
  return code === 0;
}
