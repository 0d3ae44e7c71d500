import {constants} from 'node:os';
import {WorldError} from '@tacoplex/errors';
import {koffi} from './koffi.ts';

// Numbers of Linux: <asm-generic/socket.h>, <bits/socket.h>
const internet = 2; // AF_INET
const datagrams = 2 | 0o2000000 | 0o4000; // SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK
const socketLevel = 1; // SOL_SOCKET
const reuseAddress = 2; // SO_REUSEADDR
const receiveBuffer = 8; // SO_RCVBUF
const receiveBufferForced = 33; // SO_RCVBUFFORCE
const bindToDevice = 25; // SO_BINDTODEVICE
const lastArrival = 0x8906; // SIOCGSTAMP: a struct timeval of two 64-bit numbers

/**
 * A UDP socket over IPv4 that hears one interface alone, whatever other sockets of this machine have joined.
 *
 * Node has no way to ask for that, so the socket is made here and handed to `dgram`. Since Linux 5.7 it needs no privilege.
 *
 * @param port bound on every address of the interface, and shared with nobody: whoever shares a port can take its datagrams
 * @returns the descriptor, for `dgram.Socket.bind({fd})`, which then owns it
 * @throws WorldError INTERFACE_UNUSABLE
 */
export function openDeviceSocket(interfaceName: string, port: number): number {
  const libc = loadLibc();
  const descriptor = libc.socket(internet, datagrams, 0);
  const device = Buffer.from(`${interfaceName}\0`);
  const address = Buffer.alloc(16);
  address.writeUInt16LE(internet, 0);
  address.writeUInt16BE(port, 2);

  const steps: readonly (readonly [string, () => number])[] = [
    ['be made', () => descriptor],
    ['be bound to the interface', () => libc.setsockopt(descriptor, socketLevel, bindToDevice, device, device.length)],
    [`be bound to port ${port}`, () => libc.bind(descriptor, address, address.length)],
  ];
  for (const [what, step] of steps) {
    if (step() < 0) {
      const reason = errorName(koffi.errno());
      const advice = reason === 'EADDRINUSE' ? `; who has it: ss -ulpn sport = :${port}` : '';
      if (descriptor >= 0) {
        libc.close(descriptor);
      }

      throw new WorldError(`${interfaceName}: a socket cannot ${what} (${reason})${advice}`, {
        code: 'INTERFACE_UNUSABLE',
        interfaceName,
      });
    }
  }

  return descriptor;
}

/**
 * Ask for room for datagrams that wait. Whoever may administer the network (CAP_NET_ADMIN) gets all of it; others at
 * most net.core.rmem_max, without an error: what they got is to be read from the socket.
 */
export function askReceiveBuffer(descriptor: number, bytes: number): void {
  const libc = loadLibc();
  const wanted = Buffer.from(Int32Array.of(bytes).buffer);
  if (libc.setsockopt(descriptor, socketLevel, receiveBufferForced, wanted, wanted.length) < 0) {
    libc.setsockopt(descriptor, socketLevel, receiveBuffer, wanted, wanted.length);
  }
}

/**
 * Share a socket's port with nobody any more. To be called once `dgram` has the descriptor: libuv lets every
 * descriptor that it takes over share its port.
 *
 * @throws WorldError INTERFACE_UNUSABLE
 */
export function keepPort(descriptor: number, interfaceName: string): void {
  const zero = Buffer.alloc(4);
  if (loadLibc().setsockopt(descriptor, socketLevel, reuseAddress, zero, zero.length) < 0) {
    const reason = errorName(koffi.errno());
    throw new WorldError(`${interfaceName}: a socket cannot keep its port to itself (${reason})`, {
      code: 'INTERFACE_UNUSABLE',
      interfaceName,
    });
  }
}

const timeval = Buffer.alloc(16);

/**
 * How long the datagram that was read last from a socket has waited in it: from its arrival in the kernel until now.
 *
 * Both times are the wall clock's, so a step of that between them shows; it is for telling, not for judging by.
 *
 * @returns ms, 0 or more; undefined of those that came before the first question, which has the kernel stamp them
 */
export function waitedMs(descriptor: number): number | undefined {
  if (loadLibc().ioctl(descriptor, lastArrival, timeval) < 0) {
    return undefined;
  }

  return Math.max(0, Date.now() - (wordAt(0) * 1000 + wordAt(8) / 1000));
}

/** A time of this century in the 64 bits: without BigInt, for it is asked many times a second. */
function wordAt(offset: number): number {
  return timeval.readUInt32LE(offset) + 2 ** 32 * timeval.readUInt32LE(offset + 4);
}

type Libc = {
  socket(family: number, kind: number, protocol: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Buffer, length: number): number;
  bind(descriptor: number, address: Buffer, length: number): number;
  close(descriptor: number): number;
  ioctl(descriptor: number, request: number, out: Buffer): number;
};

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      socket: library.func('int socket(int, int, int)'),
      setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      bind: library.func('int bind(int, const void *, uint32_t)'),
      close: library.func('int close(int)'),
      ioctl: library.func('int ioctl(int, unsigned long, _Out_ void *)'),
    } as unknown as Libc;
  }

  return libc;
}

function errorName(number: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? String(number);
}
