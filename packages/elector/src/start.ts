import type {Config} from '@tacoplex/config';
import type {Running, World} from '@tacoplex/daemon';
import type {Net} from '@tacoplex/election';
import {findInterface, type Interface, openMulticastSocket, watchLinks} from '@tacoplex/links';
import {checkMachine, placeOf} from './check-machine.ts';
import {Elector} from './elector.ts';
import {NetWire} from './net-wire.ts';

/** Put elector, nets and links together. @throws ConfigError, WorldError */
export function startElector(world: World<'elector'>): Running {
  const {config, clock, log} = world;
  const machine = checkMachine(config);
  const {multicast: group, port} = config.cluster;

  const wireOf = (net: Net, {subnet, peers}: Pick<Config['netA'], 'subnet' | 'peers'>): NetWire =>
    new NetWire({
      net,
      peers,
      clock,
      log,
      isUp: () => links.isUp(machine[net].name),
      find: () => findInterface(subnet, net === 'a' ? 'net_a' : 'net_b'),
      open: ({name: interfaceName, address}, onError) =>
        openMulticastSocket({
          interfaceName,
          address,
          group,
          port,
          onDatagram: (datagram, source) => elector.hear(net, datagram, source),
          onError,
        }),
      onChange: found => elector.change(reached(net, found)),
    });
  const wires = {a: wireOf('a', config.netA), b: wireOf('b', config.netB)};
  const {a, b, id, name, key} = machine;
  const about = {name, a: placeOf(a), b: placeOf(b), reachesA: false, reachesB: false, claims: []};
  const elector = new Elector({world, id, about, key, wires});
  const links = watchLinks([a.name, b.name], (link, up) => {
    for (const net of (['a', 'b'] as const).filter(candidate => machine[candidate].name === link)) {
      up ? wires[net].open() : wires[net].close();
    }
  });
  log.notice('this leveler', {id, name, net_a: a.address, net_b: b.address});
  elector.start();
  wires.a.open();
  wires.b.open();
  return {
    async stop() {
      await elector.stop();
      links.close();
      wires.a.end();
      wires.b.end();
    },
  };
}

function reached(net: Net, found: Interface | undefined) {
  const reaches = found !== undefined;
  const place = found === undefined ? {} : {[net]: placeOf(found)};
  return net === 'a' ? {reachesA: reaches, ...place} : {reachesB: reaches, ...place};
}
