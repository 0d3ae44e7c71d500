import {type IpAddress, type Nets, parseIp, parseSubnet} from '@tacoplex/vocabulary';

export const ip = (text: string): IpAddress => parseIp(text)!;

export const nets: Nets = {
  netA: {
    subnet: parseSubnet('10.0.0.0/24')!,
    subnet6: parseSubnet('fd00:a::/64')!,
    peers: [],
    levips: [ip('10.0.0.200'), ip('fd00:a::200')],
    routers: [ip('10.0.0.1')],
  },
  netB: {
    subnet: parseSubnet('10.0.1.0/24')!,
    subnet6: parseSubnet('fd00:b::/64')!,
    peers: [ip('10.0.1.9')],
    gateways: [ip('10.0.1.254'), ip('fd00:b::254')],
  },
};
