import {createRtNetlink, rt} from 'netlink';
import {listLinks} from './interfaces.ts';
import {LinkTable} from './link-table.ts';

export type LinkWatch = {
  /** Administratively up and with carrier, as far as the kernel has told. False for a link that does not exist. */
  isUp(name: string): boolean;
  close(): void;
};

/**
 * Watch links by name, through deletion and re-creation too. `isUp` is right from the start.
 *
 * @param onChange called for each change after the start, in the order in which the kernel made them; a link that was
 *   re-created is told as down, then up, so that whoever holds sockets on it opens new ones
 * @throws WorldError COMMAND_FAILED if the links cannot be listed
 */
export function watchLinks(names: readonly string[], onChange: (name: string, up: boolean) => void): LinkWatch {
  const table = new LinkTable(names);
  const tell = (changes: readonly {name: string; up: boolean}[]): void => {
    for (const {name, up} of changes) {
      onChange(name, up);
    }
  };

  // Join before listing: what happens in between is heard afterwards, and then says the same again or something newer.
  const netlink = createRtNetlink({ref: true, recvBufferSize: 1_048_576, sendBufferSize: 65_536});
  netlink.addMembership(rt.MulticastGroups.LINK);
  table.takeAll(listLinks());
  netlink.on('message', messages => {
    for (const message of messages) {
      tell(readLink(message).flatMap(fact => table.take(fact)));
    }
  });
  const relist = (): void => tell(table.takeAll(listLinks())); // The kernel dropped messages, or we could not read one
  netlink.on('invalid', relist);
  netlink.socket.on('error', relist);
  return {isUp: name => table.isUp(name), close: () => netlink.socket.close()};
}

/**
 * A deleted link is told with its flags down, so that it needs no case of its own. What a bridge says of its ports
 * (another family) is not about the link itself.
 */
function readLink(message: rt.Message): {name: string; index: number; up: boolean}[] {
  if (message.kind !== 'link' || message.data.family !== 0) {
    return [];
  }

  const {index, flags} = message.data;
  const name = message.attrs.ifname;
  const up = flags?.up === true && flags.lowerUp === true;
  return name === undefined || index === undefined ? [] : [{name, index, up}];
}
