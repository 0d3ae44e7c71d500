/** A capability of capabilities(7) that some process of a leveler needs. */
export type Capability = 'CAP_BPF' | 'CAP_NET_ADMIN' | 'CAP_NET_RAW' | 'CAP_PERFMON';

/** A socket family that some process of a leveler opens, as systemd's RestrictAddressFamilies names it. */
export type AddressFamily = 'AF_UNIX' | 'AF_INET' | 'AF_INET6' | 'AF_NETLINK' | 'AF_PACKET';

/** How a supervisor runs one process of a leveler. */
export type ProcessUnit = {
  /** Also the name of its package, its log and its systemd unit. */
  readonly name: string;
  /** Its one job, as `systemctl status` shows it. */
  readonly job: string;
  /** Everything it may do beyond an ordinary user. */
  readonly capabilities: readonly Capability[];
  readonly families: readonly AddressFamily[];
  /** -20..19, see nice(1). Below zero for those whose lateness makes others act. */
  readonly nice: number;
  /**
   * Goes before everything that is not real-time too, where the machine allows it: 1..99, see sched(7). Niceness counts
   * among the processes of one group alone, and each session and each unit may be a group.
   */
  readonly realtime?: number;
  /** A witness runs it too. */
  readonly runsOnWitness?: true;
  /** It alone may read the cluster's keys, and the state folder. */
  readonly readsKey?: true;
};

/** What runs before a program to give it its priority, and becomes the program. */
export function priorityOf({nice, realtime}: Pick<ProcessUnit, 'nice' | 'realtime'>): readonly string[] {
  const niced = nice === 0 ? [] : ['/usr/bin/nice', '-n', String(nice)];
  return realtime === undefined ? niced : ['/bin/sh', '-c', realtimeIfAllowed(realtime), 'sh', ...niced];
}

/** A container may not be allowed to: its elector runs all the same. */
function realtimeIfAllowed(priority: number): string {
  const chrt = `/usr/bin/chrt --rr ${priority}`;
  return `${chrt} true 2>/dev/null && exec ${chrt} "$@" || exec "$@"`;
}

/**
 * The processes of a leveler in the order they start; they stop in the opposite order, so that a leveler that leaves
 * gives its addresses away while its data path still forwards, and is a member until the end.
 */
export const processUnits: readonly ProcessUnit[] = [
  {
    name: 'elector',
    job: 'agrees with the other levelers on one leader and one cluster state',
    // Kernels before 5.7 let nobody else bind a socket to a device.
    capabilities: ['CAP_NET_RAW'],
    families: ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK'],
    nice: -10,
    realtime: 10,
    runsOnWitness: true,
    readsKey: true,
  },
  {
    name: 'frame-forwarder',
    job: 'sends each frame of a service to the server that owns its bin',
    // BPF, PERFMON: loads the program of the xdp engine. NET_ADMIN: attaches it; for the cap engine, switches offloads
    // off and keeps the kernel from forwarding a second copy.
    capabilities: ['CAP_BPF', 'CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_PERFMON'],
    families: ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_PACKET'],
    nice: -5,
    // Until it has heard the elector; then it becomes ordinary by itself. What a killed one has left has a lease to go.
    realtime: 8,
  },
  {
    name: 'arp-announcer',
    job: 'tells the wires which leveler holds the shared addresses',
    capabilities: ['CAP_NET_RAW'],
    families: ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_PACKET'],
    nice: -10,
    // What the elector decides at once is for it to do at once; behind the elector, so that no storm of ARP delays a beat.
    realtime: 9,
  },
  {
    name: 'admin-broker',
    job: 'the one door for operators',
    capabilities: [],
    families: ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK'],
    nice: 0,
    runsOnWitness: true,
  },
];
