#!/usr/bin/env node
/**
 * frame-forwarder - send each frame for a service to the server of its bin.
 *
 * usage: frame-forwarder [-f file] [-n] [-v]
 *
 * Takes frames for services from net A's interface, rewrites their two MAC addresses and sends them on net B; nothing
 * above layer 2 changes. Asks the servers for their MAC addresses by ARP on net B. When a link goes down it waits, and
 * goes on when the link is back.
 *
 * The xdp engine is a program in the kernel, attached to net A's interface and pinned under /sys/fs/bpf/tacoplex: it
 * forwards while this process is away, for as long as its lease lasts, and the next one adopts it. The cap engine sees
 * frames beside the kernel and keeps it from handling them a second time with nftables rules of its own (table netdev
 * tacoplex), which it takes away when it stops. engine = "auto": xdp, or where that cannot be, cap.
 *
 * Hears  elector.state: what to forward where; elector.view: whether this leveler may
 * Says   forwarder.applied: the version the data path follows; forwarder.status: counters, each second; answers
 *        forwarder.explain: what its engine would do with frames; and forwarder.uninstall: takes the data path away until
 *        this process is restarted. Nothing else does, neither a signal nor an upgrade
 * Needs  CAP_NET_RAW to capture and send. xdp: CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, and the BPF file system. cap:
 *        CAP_NET_ADMIN to switch offloads off (ethtool) and for its rules (nft): without it, it says once what to type,
 *        and goes on
 * Owns   the program and maps pinned in /sys/fs/bpf/tacoplex, which outlive it; the table netdev tacoplex
 * Exits  0 asked to stop; 1 the world failed; 2 the config, or this machine's interfaces, are wrong
 */
import {runDaemonWithoutBus} from '@tacoplex/daemon';
import {loadBusThread} from './bus-thread.ts';

await runDaemonWithoutBus({
  name: 'frame-forwarder',
  main: import.meta.url,
  begin: loadBusThread,
  check: async config => (await import('./check-machine.ts')).checkMachine(config),
  inspect: async (config, nets, log) => (await import('./inspect-machine.ts')).inspectMachine(config, nets, log),
  start: async (world, nets, thread) => (await import('./start.ts')).startForwarder(world, nets, thread),
});
