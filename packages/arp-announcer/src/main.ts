#!/usr/bin/env node
/**
 * arp-announcer - tell the wires which leveler holds the shared addresses.
 *
 * usage: arp-announcer [-f file] [-n] [-v]
 *
 * Hears  elector.view: who lives, what each claims, what this leveler may; elector.state: the servers, which use the gateways,
 *        and the services' addresses; ARP on net A and net B, and its own pings
 * Says   announcer.claims for the beats of the elector; announcer.probed: who answered for the LevIPs when the elector
 *        wanted them asked for; announcer.status for taco; on the wires: answers for the LevIPs and gateways it holds,
 *        steals of those it takes, those questions, and each three seconds two pings through another leveler: does it carry?
 * Answers announcer.find: whether anybody on net B has an address, which it asks for there
 * Needs  CAP_NET_RAW; no shared address may be on an interface of this machine, or the kernel would answer too
 * Exits  0 asked to stop, after others have taken what it held or 500 ms; 1 the world failed; 2 the config is wrong
 */
import {runDaemon} from '@tacoplex/daemon';
import {checkMachine} from './check-machine.ts';
import {startAnnouncer} from './start.ts';

await runDaemon({
  name: 'arp-announcer',
  main: import.meta.url,
  check: checkMachine,
  start: async (world, machine) => startAnnouncer(world, machine),
});
