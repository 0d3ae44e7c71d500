#!/usr/bin/env node
/**
 * admin-broker - the one door for operators: answer taco, hand changes to the elector.
 *
 * usage: admin-broker [-f file] [-n] [-v]
 *
 * Hears    elector.state, elector.view, announcer.status and forwarder.status
 * Answers  admin.ask of taco, from what it heard last; asks elector.command for a change, and forwarder.explain for what
 *          the engine would do with frames; the hash key stays here; for a drain elector.leave, and forwarder.uninstall;
 *          for a server that is to be added announcer.find
 * Refuses  addresses that a leveler, a router, a gateway or a LevIP has, that end a subnet, or that no server can have;
 *          a server that does not answer ARP
 * Says     nothing on the bus; logs one notice for each change and each drain
 * Keeps    audit.log in paths.log: who wanted what, from which version to which, one JSON line for each command
 * Needs    no privilege; who may open its socket (group tacoplex) may change the cluster
 * Exits    0 asked to stop; 1 the world failed; 2 the config is wrong
 */
import {snoopedGroup} from '@tacoplex/config';
import {checkNothing, runDaemon, softwareVersion} from '@tacoplex/daemon';
import {AuditLog} from './audit.ts';
import {Broker} from './broker.ts';
import {readOwnAddresses} from './own-addresses.ts';

await runDaemon({
  name: 'admin-broker',
  main: import.meta.url,
  check: checkNothing,
  async start({bus, clock, config, log}) {
    const audit = new AuditLog(config.paths.log, log);
    const software = softwareVersion();
    new Broker({
      bus,
      clock,
      log,
      audit: entry => audit.write(entry),
      software,
      nets: config,
      snoopedGroup: snoopedGroup(config),
      ownAddresses: readOwnAddresses,
      commandMs: 5000,
    }).open();
    return {stop: async () => audit.close()}; // All else is on the bus, which is closed next
  },
});
