import {type ArpFrame, broadcastMac} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

export const routerIp = '10.0.0.1' as IpAddress;
/** Sender of a probe, whom nobody enters into a cache: RFC 5227, section 1.1. */
const nobody = '0.0.0.0' as IpAddress;
const routerMac = '02:00:00:00:00:99' as MacAddress;

/**
 * The host of net A that sends to the shared addresses. It believes whoever spoke last, as Linux does for every message
 * of a steal.
 */
export class Router {
  /** Address to MAC. */
  readonly cache = new Map<IpAddress, MacAddress>();

  /** @returns the answer, if the frame asks for one */
  hear({source, destination, arp}: ArpFrame): ArpFrame | undefined {
    if (destination !== broadcastMac && destination !== routerMac) {
      return undefined;
    }

    if (arp.senderIp !== nobody) {
      this.cache.set(arp.senderIp, arp.senderMac);
    }

    return arp.operation === 'request' && arp.targetIp === routerIp
      ? {
          source: routerMac,
          destination: source,
          arp: {
            operation: 'reply',
            senderMac: routerMac,
            senderIp: routerIp,
            targetMac: source,
            targetIp: arp.senderIp,
          },
        }
      : undefined;
  }
}
