import type {Forwarder} from './datapath-forwarder.ts';
import {serviceAddresses} from './datapath-frames.ts';
import {type DatapathStage, type Lane, serverMac} from './datapath-stage.ts';

/** The kernel's own IP forwarding, to one server: it has no firewall, and no table but of two routes. */
export class KernelForwarder implements Forwarder {
  constructor({namespaces}: DatapathStage, {name}: Lane) {
    namespaces.run(
      name,
      `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      ethtool -K neta gro on
      ip address add 10.0.0.101/24 dev neta
      ip address add 10.0.1.1/24 dev netb
      ip address add fd00:a::65/64 dev neta nodad
      ip address add fd00:b::1/64 dev netb nodad
      ip neighbour add ${serviceAddresses[4]} lladdr ${serverMac(1)} dev netb nud permanent
      ip neighbour add ${serviceAddresses[6]} lladdr ${serverMac(1)} dev netb nud permanent`,
    );
  }

  async prepare(): Promise<void> {}

  close(): void {}
}
