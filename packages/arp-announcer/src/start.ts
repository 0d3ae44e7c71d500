import type {Net, State} from '@tacoplex/announcing';
import {type CaptureOptions, openCapture} from '@tacoplex/capture';
import type {Running, World} from '@tacoplex/daemon';
import {etherTypes} from '@tacoplex/frames';
import {findInterface, type Interface, watchLinks} from '@tacoplex/links';
import type {IpAddress, Subnet} from '@tacoplex/vocabulary';
import {Announcer} from './announcer.ts';
import {arpFilter} from './arp-filter.ts';
import type {Nets} from './check-machine.ts';
import {firstStateOf, ignoredOf} from './first-state.ts';
import {NetPort} from './net-port.ts';

/** ARP that concerns us is rare: room for 24 frames even where offloads make the slots large, for hundreds where not. */
const ringBytes = 1.5 * 1_048_576;

/** Put announcer, wires and links together. @throws ConfigError, WorldError PERMISSION_MISSING */
export function startAnnouncer({config, bus, clock, log}: World<'arp-announcer'>, nets: Nets): Running {
  const ignored = ignoredOf(config);
  if (ignored.length > 0) {
    log.notice('IPv6 addresses are not announced', {addresses: ignored.join(',')});
  }

  const first = firstStateOf(config, nets);
  const portOf = (net: Net, subnet: Subnet): NetPort =>
    new NetPort({
      net,
      clock,
      log,
      isUp: () => links.isUp(nets[net].name),
      find: () => findInterface(subnet, net === 'a' ? 'net_a' : 'net_b'),
      open: found =>
        openCapture({
          ...optionsOf(found, first, net, nets.a.address),
          onFrame: (frame, length) => announcer.hearFrame(net, frame, length),
        }),
      onOpen: ({mac, address}) => announcer.linkUp(net, mac, address),
    });
  const ports = {a: portOf('a', config.netA.subnet), b: portOf('b', config.netB.subnet)};
  const announcer = new Announcer({first, world: {bus, clock, log}, senders: ports});
  const links = watchLinks([nets.a.name, nets.b.name], (name, up) => {
    for (const net of (['a', 'b'] as const).filter(candidate => nets[candidate].name === name)) {
      up ? ports[net].open() : ports[net].close();
    }
  });
  ports.a.open();
  ports.b.open();
  announcer.start();
  return {
    async stop() {
      await announcer.stop();
      links.close();
      ports.a.end();
      ports.b.end();
    },
  };
}

/** Room for a burst; what a looped switch sends is beyond any room: it may have a fourth of a processor. */
const mostPerTurn = 64;
const pauses = {leastMs: 10, mostMs: 80} as const;

function optionsOf(
  {name, mac}: Interface,
  {addresses}: State,
  net: Net,
  own: IpAddress,
): Omit<CaptureOptions, 'onFrame'> {
  const shared = addresses.filter(address => address.net === net).map(({ip}) => ip);
  return {
    interfaceName: name,
    filter: arpFilter(mac, own, shared),
    ringBytes,
    bound: {mostPerTurn, pauses, direct: {mac, etherType: etherTypes.arp}},
  };
}
