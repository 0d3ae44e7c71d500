import type {Host, LabOptions, Link, Role, Route, Wire} from './plan.ts';

/** Addresses that belong to no host for ever. The host part of an IPv6 address reads like that of its IPv4 twin. */
export const shared = {
  /** What clients ask for: on the loopback of every server. */
  servIp: {ipv4: '10.0.1.200', ipv6: 'fd00:b::200'},
  /** The servers' default route in the classic layout; answered for by a leveler. */
  gateway: {ipv4: '10.0.1.254', ipv6: 'fd00:b::254'},
} as const;

const nets: Readonly<Record<Wire, {ipv4: string; ipv6: string}>> = {
  front: {ipv4: '192.0.2', ipv6: '2001:db8:'},
  'net-a': {ipv4: '10.0.0', ipv6: 'fd00:a:'},
  'net-b': {ipv4: '10.0.1', ipv6: 'fd00:b:'},
  'net-c': {ipv4: '10.0.2', ipv6: 'fd00:c:'},
};

/** LevIP number `index`, counted from 0: answered for by a leveler at a time. */
export function levIp(index: number): {readonly ipv4: string; readonly ipv6: string} {
  return addressOn('net-a', 200 + index);
}

/** The hosts of a laboratory with all their addresses and routes, in the order client, routers, levelers, witness, servers. */
export function layAddresses({layout, levelers, hasWitness, servers, levIps}: LabOptions): Omit<Host, 'namespace'>[] {
  const isOneWay = layout === 'one-way';
  return [
    client(),
    router(levIps),
    ...(isOneWay ? [router2()] : []),
    ...count(levelers).map(leveler),
    ...(hasWitness ? [witness()] : []),
    ...count(servers).map(index => server(index, isOneWay)),
  ];
}

function client(): Omit<Host, 'namespace'> {
  return host('client', 'client', [link('client', 'front', 'front', 7)], defaultVia(addressOn('front', 1)));
}

/** The outer router knows the services behind the LevIPs, and nothing of net B. */
function router(levIps: number): Omit<Host, 'namespace'> {
  const vias = count(levIps).map(levIp);
  return host(
    'router',
    'router',
    [link('router', 'front', 'front', 1), link('router', 'a0', 'net-a', 1)],
    [
      {to: `${shared.servIp.ipv4}/32`, via: vias.map(({ipv4}) => ipv4)},
      {to: `${shared.servIp.ipv6}/128`, via: vias.map(({ipv6}) => ipv6)},
    ],
  );
}

/** The way out of the one-way layout: from net C straight to the clients. */
function router2(): Omit<Host, 'namespace'> {
  return host('router2', 'router', [link('router2', 'front', 'front', 2), link('router2', 'c0', 'net-c', 1)], []);
}

function leveler(index: number): Omit<Host, 'namespace'> {
  const name = `leveler${index}`;
  return host(
    name,
    'leveler',
    [link(name, 'a0', 'net-a', 101 + index), link(name, 'b0', 'net-b', 1 + index)],
    defaultVia(addressOn('net-a', 1)),
  );
}

function witness(): Omit<Host, 'namespace'> {
  const links = [link('witness', 'a0', 'net-a', 109), link('witness', 'b0', 'net-b', 9)];
  return host('witness', 'witness', links, defaultVia(addressOn('net-a', 1)));
}

function server(index: number, isOneWay: boolean): Omit<Host, 'namespace'> {
  const name = `server${index}`;
  return {
    ...host(
      name,
      'server',
      [link(name, 'b0', 'net-b', 101 + index), ...(isOneWay ? [link(name, 'c0', 'net-c', 101 + index)] : [])],
      defaultVia(isOneWay ? addressOn('net-c', 1) : shared.gateway),
    ),
    loopback: [`${shared.servIp.ipv4}/32`, `${shared.servIp.ipv6}/128`],
  };
}

function host(name: string, role: Role, links: readonly Link[], routes: readonly Route[]): Omit<Host, 'namespace'> {
  return {name, role, links, loopback: [], routes};
}

function link(host: string, name: string, wire: Wire, hostPart: number): Link {
  const {ipv4, ipv6} = addressOn(wire, hostPart);
  return {name, wire, port: `${host}-${name}`, mac: macOf(ipv4), ipv4, ipv6};
}

/** Readable in a capture: the interface with 10.0.0.101 has 02:00:0a:00:00:65. */
function macOf(ipv4: string): string {
  const bytes = ipv4.split('.').map(byte => Number(byte).toString(16).padStart(2, '0'));
  return `02:00:${bytes.join(':')}`;
}

function addressOn(wire: Wire, hostPart: number): {ipv4: string; ipv6: string} {
  const net = nets[wire];
  return {ipv4: `${net.ipv4}.${hostPart}`, ipv6: `${net.ipv6}:${hostPart}`};
}

function defaultVia({ipv4, ipv6}: {readonly ipv4: string; readonly ipv6: string}): Route[] {
  return [
    {to: '0.0.0.0/0', via: [ipv4]},
    {to: '::/0', via: [ipv6]},
  ];
}

function count(length: number): number[] {
  return Array.from({length}, (_, index) => index);
}
