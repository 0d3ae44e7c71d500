#!/usr/bin/env node
/**
 * elector - agree with the other levelers on one leader and one cluster state.
 *
 * usage: elector [-f file] [-n] [-v]
 *
 * Hears  beats and messages of the other electors, signed, by UDP on net A and net B; announcer.claims, which travel
 *        in the beats; announcer.probed: who answers on net A; forwarder.applied: which state the data path follows
 * Says   elector.state: the state in force; elector.view: who lives, who leads, who claims which address, whether this
 *        leveler may forward and since when, and what to ask on net A. Answers elector.command, by way of the leader, when all levelers follow the change;
 *        and elector.leave: goes on beating, but leaves, until it is restarted
 * Keeps  state.pb and vote.json in paths.state, so that a restart changes nothing; copies for this boot in paths.run;
 *        keys.ring in paths.state, once the keys were changed
 * Needs  the cluster's key; an interface on net A and one on net B; no privilege
 * Exits  0 asked to stop; 1 the world failed; 2 the config is wrong
 */
import {runDaemon} from '@tacoplex/daemon';
import {checkMachine} from './check-machine.ts';
import {startElector} from './start.ts';

await runDaemon({
  name: 'elector',
  main: import.meta.url,
  pace: 'often',
  check: checkMachine,
  start: async (world, machine) => startElector(world, machine),
});
