/** Says `hello NAME` to the group four times a second and prints who is heard: a helper of multicast-socket.e2e.test. */
import {parseIp} from '@tacoplex/vocabulary';
import {openMulticastSocket} from '../src/multicast-socket.ts';

const [, , interfaceName = '', addressText = '', friend = ''] = process.argv;
const address = parseIp(addressText);
const group = parseIp('239.255.78.48');
if (address === undefined || group === undefined) {
  throw new Error('usage: multicast-peer INTERFACE ADDRESS [FRIEND]');
}

const socket = openMulticastSocket({
  interfaceName,
  address,
  group,
  port: 7848,
  onDatagram: (datagram, from) => console.log(`heard ${from} ${datagram.toString()}`),
  onError: ({message}, count) => console.log(`error ${count} ${message}`),
});
setInterval(() => {
  socket.send(Buffer.from(`hello ${interfaceName}`));
  const to = parseIp(friend);
  if (to !== undefined) {
    socket.send(Buffer.from('you alone'), to);
  }
}, 250);
