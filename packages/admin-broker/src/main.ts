#!/usr/bin/env node
/**
 * admin-broker - the one door for operators: answer taco, hand changes to the elector.
 *
 * usage: admin-broker [-f file] [-n] [-v]
 *
 * Hears    elector.state, elector.view, announcer.status and forwarder.status
 * Answers  admin.ask of taco, from what it heard last; asks elector.command for a change, and forwarder.explain for what
 *          the engine would do with frames; the hash key stays here; for a drain elector.leave, and forwarder.uninstall
 * Says     nothing on the bus; logs one notice for each change: who, what, from which version to which; and
 *          for each drain
 * Needs    no privilege; who may open its socket (group tacoplex) may change the cluster
 * Exits    0 asked to stop; 1 the world failed; 2 the config is wrong
 */
import {runDaemon, softwareVersion} from '@tacoplex/daemon';
import {Broker} from './broker.ts';

await runDaemon({
  name: 'admin-broker',
  main: import.meta.url,
  async start({bus, clock, log}) {
    new Broker({bus, clock, log, software: softwareVersion(), commandMs: 5000}).open();
    return {stop: async () => {}}; // All it has is on the bus, which is closed next
  },
});
