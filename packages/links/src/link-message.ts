import {type MacAddress, macFromBytes} from '@tacoplex/vocabulary';
import type {NetlinkMessage} from 'netlink/dist/structs.js';
import type {LinkFact} from './link-table.ts';
import {getString, parseAttributes} from './netlink.ts';

/** The group that hears of links. */
export const linkGroup = 1; // RTNLGRP_LINK of <linux/rtnetlink.h>

const [newLink, deletedLink] = [16, 17]; // RTM_NEWLINK, RTM_DELLINK

/** Offsets in struct ifinfomsg; attributes stand behind it. */
const at = {family: 0, index: 4, flags: 8, attributes: 16} as const;
const [macAttribute, nameAttribute] = [1, 3]; // IFLA_ADDRESS, IFLA_IFNAME
const macBytes = 6;
const [up, lowerUp] = [1, 1 << 16]; // IFF_UP, IFF_LOWER_UP

/**
 * What a message of the kernel says of a link; nothing of any other. A deleted link is told with its flags down, so that
 * it needs no case of its own. What a bridge says of its ports (another family) is not about the link itself.
 *
 * Read here: the library's own reader loads half a megabyte of tables of all that Netlink can say.
 *
 * @returns undefined if it cannot be read
 * @see rtnetlink(7)
 */
export function readLinkMessage({type, data}: Pick<NetlinkMessage, 'type' | 'data'>): LinkFact[] | undefined {
  if (type !== newLink && type !== deletedLink) {
    return [];
  }

  try {
    return data.readUInt8(at.family) === 0 ? readFact(data) : [];
  } catch {
    return undefined; // Cut short, or its attributes are no attributes
  }
}

function readFact(data: Buffer): LinkFact[] {
  const flags = data.readUInt32LE(at.flags);
  const index = data.readInt32LE(at.index);
  const {name, mac} = namesIn(data.subarray(at.attributes));
  const isUp = (flags & up) !== 0 && (flags & lowerUp) !== 0;
  return name === undefined ? [] : [{name, index, up: isUp, ...(mac && {mac})}];
}

function namesIn(attributes: Buffer): {name: string | undefined; mac: MacAddress | undefined} {
  const found: {name: string | undefined; mac: MacAddress | undefined} = {name: undefined, mac: undefined};
  parseAttributes(attributes, ({type, data}) => {
    if (type === nameAttribute) {
      found.name = getString(data);
    } else if (type === macAttribute && data.length === macBytes) {
      found.mac = macFromBytes(data);
    }
  });
  return found;
}
