/** Says `hello NAME` to the group four times a second and prints who is heard: a helper of multicast-socket.e2e.test. */
import {parseIp} from '@tacoplex/vocabulary';
import {openMulticastSocket} from '../src/multicast-socket.ts';

const [, , interfaceName = '', addressText = '', friend = '', groupText = '224.0.0.178', port = '7848'] = process.argv;
const address = parseIp(addressText);
const group = parseIp(groupText);
if (address === undefined || group === undefined) {
  throw new Error('usage: multicast-peer INTERFACE ADDRESS [FRIEND [GROUP [PORT]]]');
}

const socket = openMulticastSocket({
  interfaceName,
  address,
  group,
  port: Number(port),
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
