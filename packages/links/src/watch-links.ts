import {listLinks} from './interfaces.ts';
import {linkGroup, readLinkMessage} from './link-message.ts';
import {LinkTable} from './link-table.ts';
import {createNetlink, Protocol} from './netlink.ts';

export type LinkWatch = {
  /** Administratively up and with carrier, as far as the kernel has told. False for a link that does not exist. */
  isUp(name: string): boolean;
  close(): void;
};

/**
 * Watch links by name, through deletion and re-creation too. `isUp` is right from the start.
 *
 * @param onChange called for each change after the start, in the order in which the kernel made them; a link that was
 *   re-created is told as down, then up, and one with another MAC address as up once more, so that whoever holds sockets
 *   on it opens new ones
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
  const netlink = createNetlink(Protocol.ROUTE, {ref: true, recvBufferSize: 1_048_576, sendBufferSize: 65_536});
  netlink.addMembership(linkGroup);
  table.takeAll(listLinks());
  const relist = (): void => tell(table.takeAll(listLinks())); // The kernel dropped messages, or we could not read one
  netlink.on('message', messages => {
    const facts = messages.map(readLinkMessage);
    if (facts.includes(undefined)) {
      relist();
    } else {
      tell(facts.flatMap(some => some ?? []).flatMap(fact => table.take(fact)));
    }
  });
  netlink.on('invalid', relist);
  netlink.on('error', relist);
  return {isUp: name => table.isUp(name), close: () => netlink.close()};
}
