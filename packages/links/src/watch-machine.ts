import {createNetlink, Protocol} from './netlink.ts';

/** Links, addresses, and what `sysctl net.ipv*.conf` holds. @see <linux/rtnetlink.h> */
const routeGroups = [
  1, // RTNLGRP_LINK
  5, // RTNLGRP_IPV4_IFADDR
  9, // RTNLGRP_IPV6_IFADDR
  24, // RTNLGRP_IPV4_NETCONF
  25, // RTNLGRP_IPV6_NETCONF
];
const filterGroup = 7; // NFNLGRP_NFTABLES of <linux/netfilter/nfnetlink.h>

/** What has changed: interfaces, addresses and their settings; or the packet filter. */
export type MachinePart = 'nets' | 'filter';

/**
 * Be told whenever the kernel says that something may keep frames from getting through that did not before, or no longer. What it is, is to be
 * looked up.
 *
 * The packet filter is told of to whom has CAP_NET_ADMIN alone: to others it never changes.
 *
 * @param onChange may come many times for one change, and for others' interfaces
 * @returns ends it
 */
export function watchMachine(onChange: (what: MachinePart) => void): () => void {
  const ends = [listen(Protocol.ROUTE, routeGroups, () => onChange('nets'))];
  try {
    ends.push(listen(Protocol.NETFILTER, [filterGroup], () => onChange('filter')));
  } catch {
    // Not allowed: `taco verify` looks at it when asked
  }

  return () => {
    for (const end of ends) {
      end();
    }
  };
}

function listen(protocol: number, groups: readonly number[], onChange: () => void): () => void {
  const netlink = createNetlink(protocol, {ref: true, recvBufferSize: 1_048_576, sendBufferSize: 65_536});
  try {
    for (const group of groups) {
      netlink.addMembership(group);
    }
  } catch (error) {
    netlink.close();
    throw error;
  }

  netlink.on('message', onChange);
  netlink.on('invalid', onChange);
  netlink.on('error', onChange); // The kernel has dropped messages
  return () => netlink.close();
}
