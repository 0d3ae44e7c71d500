import {koffi} from './koffi.ts';

const packetFamily = 17; // AF_PACKET
const rawType = 3 | 0o4000 | 0o2_000_000; // SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC
const addressBytes = 20; // struct sockaddr_ll
const interfaceIndexAt = 4;
const socketLevel = 1; // SOL_SOCKET
const markOption = 36; // SO_MARK

type Libc = {
  socket(family: number, type: number, protocol: number): number;
  sendto(socket: number, bytes: Uint8Array, length: number, flags: number, to: Uint8Array, toBytes: number): number;
  setsockopt(socket: number, level: number, option: number, value: Uint32Array, bytes: number): number;
  close(descriptor: number): number;
};

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      socket: library.func('int socket(int, int, int)'),
      sendto: library.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)'),
      setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      close: library.func('int close(int)'),
    } as unknown as Libc;
  }

  return libc;
}

/** Sends frames by any interface, as they are. Receives nothing. On any thread. */
export class PacketSender {
  readonly #mark: number;
  #socket = -1;
  readonly #to = new DataView(new ArrayBuffer(addressBytes));

  /** @param mark what programs of TC see as the mark of its frames, 32 bits; takes CAP_NET_ADMIN unless 0 */
  constructor({mark = 0}: {readonly mark?: number} = {}) {
    this.#mark = mark;
  }

  /** @returns false if it could not: no CAP_NET_RAW, link down or gone, too long, queue full */
  send(interfaceIndex: number, frame: Uint8Array): boolean {
    if (this.#socket < 0) {
      this.#open();
    }

    this.#to.setInt32(interfaceIndexAt, interfaceIndex, true);
    const to = new Uint8Array(this.#to.buffer);
    return (
      this.#socket >= 0 && loadLibc().sendto(this.#socket, frame, frame.length, 0, to, addressBytes) === frame.length
    );
  }

  #open(): void {
    this.#socket = loadLibc().socket(packetFamily, rawType, 0);
    this.#to.setUint16(0, packetFamily, true);
    if (this.#socket >= 0 && this.#mark !== 0) {
      loadLibc().setsockopt(this.#socket, socketLevel, markOption, Uint32Array.of(this.#mark), 4);
    }
  }

  close(): void {
    if (this.#socket >= 0) {
      loadLibc().close(this.#socket);
      this.#socket = -1;
    }
  }
}
