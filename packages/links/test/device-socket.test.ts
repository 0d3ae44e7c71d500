import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {closeSync} from 'node:fs';
import {WorldError} from '@tacoplex/errors';
import test from 'ava';
import {openDeviceSocket} from '../src/device-socket.ts';

/** A UDP port that nobody has just now. */
const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const {port} = socket.address();
  await new Promise<void>(resolve => {
    socket.close(resolve);
  });
  return port;
};

test('nobody shares the port, neither by SO_REUSEADDR nor on the same interface', async t => {
  const port = await freePort();
  const descriptor = openDeviceSocket('lo', port);
  t.teardown(() => closeSync(descriptor));

  const thief = createSocket({type: 'udp4', reuseAddr: true});
  t.teardown(() => thief.close());
  const outcome = new Promise<string | undefined>(resolve => {
    thief.once('error', ({code}: NodeJS.ErrnoException) => resolve(code)).once('listening', () => resolve('bound'));
  });
  thief.bind(port, '127.0.0.1');
  t.is(await outcome, 'EADDRINUSE');

  t.throws(() => openDeviceSocket('lo', port), {
    instanceOf: WorldError,
    message: `lo: a socket cannot be bound to port ${port} (EADDRINUSE); who has it: ss -ulpn sport = :${port}`,
  });
});
