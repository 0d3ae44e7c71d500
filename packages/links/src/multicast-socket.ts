import {createSocket, type RemoteInfo, type SocketOptions} from 'node:dgram';
import type {IpAddress} from '@tacoplex/vocabulary';
import {askReceiveBuffer, keepPort, openDeviceSocket, waitedMs} from './device-socket.ts';

const rejoinMs = 1000;

/** Of datagrams that come together the first has waited longest: only that one is asked about. */
const togetherMs = 5;

/** Room for datagrams that wait, as each socket asks for it. */
export const wantedBufferBytes = 4_194_304;

export type MulticastOptions = {
  readonly interfaceName: string;
  /** This machine's address on the interface. */
  readonly address: IpAddress;
  readonly group: IpAddress;
  readonly port: number;
  /** One datagram. The buffer is the reader's own. `waited`: ms from its arrival in the kernel, where that is known. */
  readonly onDatagram: (datagram: Buffer, from: IpAddress, waited: number | undefined) => void;
  /** The world failed once more; `count` of such errors so far. The socket goes on. */
  readonly onError: (error: Error, count: number) => void;
};

/** All names are addresses here: asking the resolver would put each datagram off to another turn of the event loop. */
const takeAddress: NonNullable<SocketOptions['lookup']> = (address, _options, take) => take(null, address, 4);

/** A socket on one interface that hears a multicast group and what is sent to this machine itself. */
export type MulticastSocket = {
  /** @param to a machine; left out: the whole group, this machine excepted */
  send(datagram: Uint8Array, to?: IpAddress): void;
  close(): void;
  /** Room for datagrams that wait, as the system gave it: less than wanted where net.core.rmem_max is. */
  readonly bufferBytes: number;
};

/**
 * Open a UDP socket that hears one interface only. It outlives the interface's being down or without its address:
 * errors are counted and told, and the group is joined again until that works.
 *
 * @throws WorldError INTERFACE_UNUSABLE
 */
export function openMulticastSocket(options: MulticastOptions): MulticastSocket {
  const {interfaceName, address, group, port, onDatagram, onError} = options;
  const socket = createSocket({type: 'udp4', lookup: takeAddress});
  let errors = 0;
  let isJoined = false;
  const fail = (error: Error): void => onError(error, ++errors);

  const join = (): void => {
    if (!isJoined) {
      try {
        socket.addMembership(group, address);
        isJoined = true;
      } catch (error) {
        fail(error as Error);
      }
    }
  };
  const aim = (): void => {
    try {
      socket.setMulticastInterface(address);
    } catch (error) {
      fail(error as Error);
    }
  };

  socket.on('error', fail);
  const descriptor = openDeviceSocket(interfaceName, port);
  askReceiveBuffer(descriptor, wantedBufferBytes);
  let askedMs = Number.NEGATIVE_INFINITY;
  socket.on('message', (datagram: Buffer, {address: from}: RemoteInfo) => {
    const nowMs = performance.now();
    const isFirst = nowMs - askedMs > togetherMs;
    askedMs = isFirst ? nowMs : askedMs;
    onDatagram(datagram, from as IpAddress, isFirst ? waitedMs(descriptor) : undefined);
  });
  socket.bind({fd: descriptor}); // A descriptor is bound at once, without an event
  keepPort(descriptor, interfaceName);
  socket.setMulticastLoopback(false);
  socket.setMulticastTTL(1);
  aim();
  join();
  const rejoin = setInterval(join, rejoinMs).unref();

  return {
    bufferBytes: socket.getRecvBufferSize() / 2, // Linux doubles what is asked for, and says so
    send(datagram, to = group) {
      socket.send(datagram, port, to, error => {
        if (error !== null) {
          fail(error);
          aim(); // The address may have come back under the same name
        }
      });
    },
    close() {
      clearInterval(rejoin);
      socket.close();
    },
  };
}
