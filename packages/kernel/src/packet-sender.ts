import koffi from 'koffi';

const packetFamily = 17; // AF_PACKET
const rawType = 3 | 0o4000 | 0o2_000_000; // SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC
const addressBytes = 20; // struct sockaddr_ll
const interfaceIndexAt = 4;

type Libc = {
  socket(family: number, type: number, protocol: number): number;
  sendto(socket: number, bytes: Uint8Array, length: number, flags: number, to: Uint8Array, toBytes: number): number;
  close(descriptor: number): number;
};

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      socket: library.func('int socket(int, int, int)'),
      sendto: library.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)'),
      close: library.func('int close(int)'),
    } as unknown as Libc;
  }

  return libc;
}

/** Sends frames by any interface, as they are. Receives nothing. On any thread. */
export class PacketSender {
  #socket = -1;
  readonly #to = new DataView(new ArrayBuffer(addressBytes));

  /** @returns false if it could not: no CAP_NET_RAW, link down or gone, too long, queue full */
  send(interfaceIndex: number, frame: Uint8Array): boolean {
    if (this.#socket < 0) {
      this.#socket = loadLibc().socket(packetFamily, rawType, 0);
      this.#to.setUint16(0, packetFamily, true);
    }

    this.#to.setInt32(interfaceIndexAt, interfaceIndex, true);
    const to = new Uint8Array(this.#to.buffer);
    return (
      this.#socket >= 0 && loadLibc().sendto(this.#socket, frame, frame.length, 0, to, addressBytes) === frame.length
    );
  }

  close(): void {
    if (this.#socket >= 0) {
      loadLibc().close(this.#socket);
      this.#socket = -1;
    }
  }
}
