import type {ClusterState} from '@tacoplex/cluster';
import {toVersionMessage} from '@tacoplex/cluster';
import type {Outgoing} from '@tacoplex/messages';
import {ipToBytes, type MonotonicMs, macToBytes} from '@tacoplex/vocabulary';
import {allReasons, type Counters, type ServerTallies, type ServiceTallies} from './counters.ts';
import type {Engine} from './engine.ts';
import {nameService} from './image-content.ts';
import type {NeighbourBoard} from './neighbour-board.ts';
import type {Count, Port} from './thread-messages.ts';
import {whyUninstalled} from './uninstalled-engine.ts';

const never = 4_294_967_295;

/** Another MAC address that was heard for a server is shown for so long. */
const twinMs = 60_000;

/** A cluster state in force, and the digest it came with. */
export type Applied = {readonly state: ClusterState; readonly digest: Uint8Array};

/** All that `forwarder.status` is made from. */
export type StatusParts = {
  readonly applied: Applied | undefined;
  readonly ports: {readonly a: Port; readonly b: Port};
  readonly isLeaseOver: boolean;
  /** The data path was taken away. */
  readonly isUninstalled: boolean;
  readonly engine: Engine;
  readonly serverTallies: ServerTallies;
  readonly serviceTallies: ServiceTallies;
  readonly board: NeighbourBoard;
  readonly faults: readonly Count[];
  readonly now: MonotonicMs;
};

export function writeStatus(parts: StatusParts): Outgoing<'forwarder.status'> {
  const {applied, ports, faults, engine} = parts;
  return {
    engine: engine.name,
    engineReason: engine.reason,
    netAInterface: ports.a.name,
    netBInterface: ports.b.name,
    haltedBecause: whyHalted(parts),
    version: applied === undefined ? undefined : toVersionMessage(applied.state.version),
    digest: applied?.digest ?? new Uint8Array(),
    servers: writeServers(parts),
    services: writeServices(parts),
    reasons: [...countReasons(engine.counters), ...faults],
  };
}

/** The first thing that keeps every frame from being forwarded; empty: nothing does. */
export function whyHalted({
  applied,
  ports,
  isLeaseOver,
  isUninstalled,
}: Pick<StatusParts, 'applied' | 'ports' | 'isLeaseOver' | 'isUninstalled'>): string {
  if (isUninstalled) {
    return whyUninstalled;
  }

  const closed = whyPortClosed(ports);
  if (closed !== undefined) {
    return closed;
  }

  if (applied === undefined) {
    return 'no cluster state yet';
  }

  return isLeaseOver ? 'the lease is over: the elector has not said for too long that this leveler may forward' : '';
}

/** @returns undefined if both are open */
export function whyPortClosed({a, b}: StatusParts['ports']): string | undefined {
  const closed = [
    {net: 'net A', port: a},
    {net: 'net B', port: b},
  ].find(({port}) => !port.isOpen);
  return closed === undefined ? undefined : `${closed.net}: ${closed.port.name} ${closed.port.why}`;
}

function writeServers({applied, serverTallies, board, now}: StatusParts): Outgoing<'forwarder.status'>['servers'] {
  return (applied?.state.servers ?? []).map(({number}) => {
    const [mac, heardAtMs] = [board.macOf(number), board.heardAtMs(number)];
    const twin = board.twinOf(number, now - twinMs);
    return {
      number,
      ...serverTallies.of(number),
      mac: mac === undefined ? new Uint8Array() : macToBytes(mac),
      otherMac: twin === undefined ? new Uint8Array() : macToBytes(twin),
      silenceMs: heardAtMs === undefined ? never : Math.max(0, Math.round(now - heardAtMs)),
    };
  });
}

function writeServices({applied, serviceTallies}: StatusParts): Outgoing<'forwarder.status'>['services'] {
  return (applied?.state.services ?? []).map(service => ({
    address: ipToBytes(service.address),
    protocol: service.protocol,
    port: service.port,
    ...serviceTallies.of(nameService(service)),
  }));
}

/** Those that have happened; forwarded frames are counted by server and service. */
function countReasons({reasons}: Counters): Count[] {
  return allReasons
    .map((name, number) => ({name, value: reasons[number] ?? 0}))
    .filter(({name, value}) => value > 0 && name !== 'forwarded');
}
