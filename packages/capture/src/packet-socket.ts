import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {koffi} from './koffi.ts';

// linux/if_packet.h, bits/fcntl.h
const [F_SETFD, FD_CLOEXEC, SOL_PACKET, PACKET_STATISTICS] = [2, 1, 263, 6];

// asm-generic/socket.h; one number for both: attached is what is set, read what is got
const [SOL_SOCKET, SO_ATTACH_FILTER, SO_GET_FILTER] = [1, 26, 26];
const instructionBytes = 8; // struct sock_filter
const mostInstructions = 4096; // BPF_MAXINSNS

/** The AF_PACKET socket beneath an open capture: npm cap neither shows it nor lets it be asked. */
export type PacketSocket = {
  /** Frames that found the ring full since the last call. */
  takeLost(): number;
  /** The program that the kernel runs on each frame, in the form of `struct sock_filter`; undefined: cannot be read. */
  readFilter(): Uint8Array | undefined;
  /** Put another in its place. @returns false if the kernel refuses it; then the old one stands */
  setFilter(program: Uint8Array): boolean;
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
  const setOption = libc.func('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t size)');
  const statistics = new Uint8Array(8); // struct tpacket_stats: packets, drops; reading it sets both to 0
  return {
    takeLost() {
      const failed = getOption(descriptor, SOL_PACKET, PACKET_STATISTICS, statistics, [statistics.length]) as number;
      return failed === 0 ? (new Uint32Array(statistics.buffer)[1] ?? 0) : 0;
    },
    readFilter() {
      const program = new Uint8Array(instructionBytes * mostInstructions);
      const size = [mostInstructions]; // In instructions, both ways
      const failed = getOption(descriptor, SOL_SOCKET, SO_GET_FILTER, program, size) as number;
      const [count = 0] = size;
      return failed === 0 && count > 0 ? program.slice(0, instructionBytes * count) : undefined;
    },
    setFilter(program) {
      const head = new Uint8Array(16); // struct sock_fprog: a count, and behind six bytes where the program is
      const view = new DataView(head.buffer);
      view.setUint16(0, program.length / instructionBytes, true);
      view.setBigUint64(8, BigInt(koffi.address(program)), true);
      return setOption(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, head, head.length) === 0;
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
