import type {Host, Link, Role, Route, Wire} from './plan.ts';

/** For `ip -batch`. */
export function namespaceBatch(namespaces: readonly string[]): string {
  return lines(namespaces.map(name => `netns add ${name}`));
}

/** For sh in the namespace of the wires: the bridges. Nothing on them waits, learns slowly or speaks by itself. */
export function bridgeScript(wires: readonly Wire[]): string {
  return lines([
    'set -e',
    ...['all', 'default'].map(scope => `echo 1 >/proc/sys/net/ipv6/conf/${scope}/disable_ipv6`),
    ...batch(
      wires.flatMap(wire => [
        `link add ${wire} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
        `link set ${wire} up`,
      ]),
    ),
  ]);
}

/** For sh in the namespace of the wires: the cables of some hosts, plugged in at both ends. */
export function cableScript(hosts: readonly Host[]): string {
  return lines([
    'set -e',
    ...batch(
      hosts.flatMap(({namespace, links}) =>
        links.flatMap(({name, port, mac, wire}) => [
          `link add ${port} type veth peer name ${name} address ${mac} netns ${namespace}`,
          `link set ${port} master ${wire} up`,
        ]),
      ),
    ),
    // A veth takes redirected frames only if its peer polls for them, which it does with GRO on.
    ...hosts
      .filter(({role}) => role === 'leveler')
      .flatMap(({links}) => links.map(({port}) => `ethtool -K ${port} gro on`)),
  ]);
}

/**
 * For sh in the namespace of a host: kernel settings, offloads, addresses, routes. What is there already stays as it is,
 * so it also mends what a link that went down took along.
 */
export function hostScript(host: Host): string {
  return lines([
    'set -e',
    ...sysctls(host).map(([path, value]) => `echo ${value} >/proc/sys/net/${path}`),
    // Checksums left to a device that does not exist are wrong when a leveler sends the frame on, and merged frames do
    // not fit its wire.
    ...host.links.map(({name}) => `ethtool -K ${name} tx off tso off gso off gro off lro off`),
    ...batch([
      'link set lo up',
      ...host.loopback.map(address => `addr replace ${address} dev lo`),
      ...host.links.flatMap(bringUp),
      ...host.routes.map(route),
    ]),
  ]);
}

/** For sh in a namespace: links up or down, in one step. */
export function linkScript(names: readonly string[], state: 'up' | 'down'): string {
  return lines(['set -e', ...batch(names.map(name => `link set ${name} ${state}`))]);
}

/** For sh in a namespace: what a machine that loses power forgets of its network. */
export function forgetScript(names: readonly string[]): string {
  return lines([linkScript(names, 'down').trimEnd(), '/usr/sbin/nft flush ruleset', 'ip neigh flush all']);
}

function bringUp({name, ipv4, ipv6}: Link): string[] {
  return [`link set ${name} up`, `addr replace ${ipv4}/24 dev ${name}`, `addr replace ${ipv6}/64 dev ${name} nodad`];
}

function route({to, via}: Route): string {
  return via.length === 1
    ? `route replace ${to} via ${via[0]}`
    : `route replace ${to} ${via.map(hop => `nexthop via ${hop}`).join(' ')}`;
}

type Sysctl = readonly [path: string, value: number];

function sysctls({role, links}: Host): Sysctl[] {
  const scopes = ['all', 'default', ...links.map(({name}) => name)];
  return [
    ...scopes.flatMap((scope): Sysctl[] => [
      [`ipv4/conf/${scope}/rp_filter`, 0],
      [`ipv4/conf/${scope}/send_redirects`, 0],
      [`ipv4/conf/${scope}/accept_redirects`, 0],
      [`ipv6/conf/${scope}/accept_redirects`, 0],
      [`ipv6/conf/${scope}/accept_ra`, 0],
      [`ipv6/conf/${scope}/accept_dad`, 0],
      ...(role === 'server' ? silentLoopback(scope) : []),
    ]),
    ...forwarding(role),
  ];
}

/** A server must not tell net B that it has the ServIP. */
function silentLoopback(scope: string): Sysctl[] {
  return [
    [`ipv4/conf/${scope}/arp_ignore`, 1],
    [`ipv4/conf/${scope}/arp_announce`, 2],
  ];
}

function forwarding(role: Role): Sysctl[] {
  return role === 'router' || role === 'leveler'
    ? [
        ['ipv4/ip_forward', 1],
        ['ipv6/conf/all/forwarding', 1],
        // Equal-cost routes by flow: packets of a connection keep their LevIP.
        ['ipv4/fib_multipath_hash_policy', 1],
        ['ipv6/fib_multipath_hash_policy', 1],
      ]
    : [];
}

function batch(commands: readonly string[]): string[] {
  return ["ip -batch - <<'END'", ...commands, 'END'];
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
