import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {koffi} from './koffi.ts';

// linux/if_packet.h, bits/fcntl.h
const [F_SETFD, FD_CLOEXEC, SOL_PACKET, PACKET_STATISTICS] = [2, 1, 263, 6];

/** The AF_PACKET socket beneath an open capture: npm cap neither shows it nor lets it be asked. */
export type PacketSocket = {
  /** Frames that found the ring full since the last call. */
  takeLost(): number;
};

/** Inode and descriptor of each AF_PACKET socket of this process. */
export function listPacketSockets(): Map<string, number> {
  const packetInodes = new Set(
    readFileSync('/proc/net/packet', 'utf8')
      .split('\n')
      .map(line => line.trim().split(/\s+/).at(-1) ?? ''),
  );
  const found = new Map<string, number>();
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const inode = readInode(descriptor);
    if (inode !== undefined && packetInodes.has(inode)) {
      found.set(inode, Number(descriptor));
    }
  }

  return found;
}

/**
 * Take charge of the socket that a capture has just opened: children of this process do not inherit it any more.
 *
 * @param before the sockets there were before it was opened
 * @returns undefined if it cannot be told apart
 */
export function adoptPacketSocket(before: ReadonlyMap<string, number>): PacketSocket | undefined {
  const [added, another] = [...listPacketSockets()].filter(([inode]) => !before.has(inode));
  if (added === undefined || another !== undefined) {
    return undefined;
  }

  const [, descriptor] = added;
  const libc = koffi.load('libc.so.6');
  libc.func('int fcntl(int fd, int command, ...)')(descriptor, F_SETFD, 'int', FD_CLOEXEC);
  const getOption = libc.func(
    'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *size)',
  );
  const statistics = new Uint8Array(8); // struct tpacket_stats: packets, drops; reading it sets both to 0
  return {
    takeLost() {
      const failed = getOption(descriptor, SOL_PACKET, PACKET_STATISTICS, statistics, [statistics.length]) as number;
      return failed === 0 ? (new Uint32Array(statistics.buffer)[1] ?? 0) : 0;
    },
  };
}

function readInode(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
  } catch {
    return undefined; // Closed while we look: the descriptor of the listing itself is one
  }
}
