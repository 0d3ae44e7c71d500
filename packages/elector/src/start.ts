import {shownOf} from '@tacoplex/cluster';
import type {Config, FoundRing} from '@tacoplex/config';
import type {Running, World} from '@tacoplex/daemon';
import type {About, Net} from '@tacoplex/election';
import {findInterface, type Interface, openMulticastSocket, watchLinks} from '@tacoplex/links';
import type {LevelerId} from '@tacoplex/vocabulary';
import {type Machine, placeOf} from './check-machine.ts';
import {Elector} from './elector.ts';
import {Envelopes} from './envelope.ts';
import {KeyKeeper} from './key-keeper.ts';
import type {Wire} from './mail.ts';
import {NetWire} from './net-wire.ts';
import {Observer} from './observer.ts';
import {Stragglers} from './stragglers.ts';

/** Put elector, nets and links together. @throws ConfigError, WorldError */
export function startElector(world: World<'elector'>, machine: Machine): Running {
  const {config, clock, log} = world;
  const {multicast: group, port} = config.cluster;

  const wireOf = (net: Net, {subnet, peers}: Pick<Config['netA'], 'subnet' | 'peers'>): NetWire =>
    new NetWire({
      net,
      peers,
      clock,
      log,
      isUp: () => links.isUp(machine[net]?.name ?? ''),
      find: () => findInterface(subnet, net === 'a' ? 'net_a' : 'net_b'),
      open: ({name: interfaceName, address}, onError) =>
        openMulticastSocket({
          interfaceName,
          address,
          group,
          port,
          onDatagram: (datagram, source, waitedMs) => elector.hear(net, datagram, source, waitedMs),
          onError,
        }),
      onChange: found => elector.change(reached(net, found)),
    });
  const {a, b, id, name, ring} = machine;
  const wires = {a: a === undefined ? noWire : wireOf('a', config.netA), b: wireOf('b', config.netB)};
  const about = {
    name,
    a: a === undefined ? undefined : placeOf(a),
    b: placeOf(b),
    reachesA: false,
    reachesB: false,
    claims: [],
  };
  const elector = electorFor(world, {id, about, ring, wires});
  const links = watchLinks(a === undefined ? [b.name] : [a.name, b.name], (link, up) => {
    for (const net of (['a', 'b'] as const).filter(candidate => machine[candidate]?.name === link)) {
      up ? wires[net].open() : wires[net].close();
    }
  });
  const {role} = config;
  log.notice('this leveler', {id, name, role, net_a: a?.address ?? 'none', net_b: b.address});
  elector.start();
  wires.a.open();
  wires.b.open();
  return {
    ...('failed' in elector && {failed: elector.failed}),
    async stop() {
      await elector.stop();
      links.close();
      wires.a.end();
      wires.b.end();
    },
  };
}

type Parts = {
  readonly id: LevelerId;
  readonly about: About;
  readonly ring: FoundRing;
  readonly wires: Readonly<Record<Net, Wire>>;
};

/** What hears: an elector, or where the config wants it so, somebody who only listens. */
function electorFor(world: World<'elector'>, {id, about, ring, wires}: Parts): Elector | Observer {
  const {config, clock, log} = world;
  if (config.security.mode === 'receive-only') {
    return new Observer({world, id, about, envelopes: new Envelopes(ring)});
  }

  const stragglers = new Stragglers(log, clock);
  const envelopes = new Envelopes(
    ring,
    config.security.mode === 'permissive' ? sender => stragglers.note(sender) : undefined,
  );
  const keys = new KeyKeeper({
    ring,
    keyFile: config.cluster.keyFile,
    folder: config.paths.state,
    cluster: config.cluster.name,
    clock,
    log,
    onChange(changed) {
      envelopes.use(changed);
      elector.change({keys: shownOf(changed)});
    },
  });
  const elector = new Elector({world, id, about, envelopes, keys, wires});
  return elector;
}

/** A witness that is not on net A. */
const noWire = {send(): void {}, open(): void {}, close(): void {}, end(): void {}};

function reached(net: Net, found: Interface | undefined) {
  const reaches = found !== undefined;
  const place = found === undefined ? {} : {[net]: placeOf(found)};
  return net === 'a' ? {reachesA: reaches, ...place} : {reachesB: reaches, ...place};
}
