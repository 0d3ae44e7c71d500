import {parseMac} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {readLinkMessage} from '../src/link-message.ts';

const [newLink, deletedLink, newAddress] = [16, 17, 20];
const [up, lowerUp, running] = [1, 1 << 16, 1 << 6];

const attribute = (type: number, data: Buffer): Buffer => {
  const padded = Buffer.alloc(4 * Math.ceil((4 + data.length) / 4));
  padded.writeUInt16LE(4 + data.length, 0);
  padded.writeUInt16LE(type, 2);
  data.copy(padded, 4);
  return padded;
};

/** As the kernel says it of `name`: a length of the queue before the name, and something behind it. */
const linkMessage = ({type = newLink, family = 0, index = 7, flags = up | lowerUp, name = 'eth0'} = {}) => {
  const head = Buffer.alloc(16);
  head.writeUInt8(family, 0);
  head.writeInt32LE(index, 4);
  head.writeUInt32LE(flags, 8);
  const attributes = [
    attribute(13, Buffer.alloc(4)),
    attribute(3, Buffer.from(`${name}\0`)),
    attribute(16, Buffer.of(6)),
  ];
  return {type, data: Buffer.concat([head, ...attributes])};
};

test('a link is up if it is administratively up and has carrier', t => {
  t.deepEqual(readLinkMessage(linkMessage()), [{name: 'eth0', index: 7, up: true}]);
  t.deepEqual(readLinkMessage(linkMessage({flags: up | running})), [{name: 'eth0', index: 7, up: false}]);
  t.deepEqual(readLinkMessage(linkMessage({flags: lowerUp})), [{name: 'eth0', index: 7, up: false}]);
});

test('a link is told with its MAC address, if it is one of Ethernet', t => {
  const {type, data} = linkMessage();
  const withMac = (mac: Buffer): Buffer => Buffer.concat([data, attribute(1, mac)]);

  t.deepEqual(readLinkMessage({type, data: withMac(Buffer.of(2, 0, 0, 0, 0xaa, 1))}), [
    {name: 'eth0', index: 7, up: true, mac: parseMac('02:00:00:00:aa:01')!},
  ]);
  t.deepEqual(readLinkMessage({type, data: withMac(Buffer.of(10, 0, 0, 1))}), [{name: 'eth0', index: 7, up: true}]);
});

test('a deleted link is told as down', t => {
  t.deepEqual(readLinkMessage(linkMessage({type: deletedLink, flags: 0})), [{name: 'eth0', index: 7, up: false}]);
});

test('what is said of addresses, or by a bridge of its ports, is not about a link', t => {
  t.deepEqual(readLinkMessage(linkMessage({type: newAddress})), []);
  t.deepEqual(readLinkMessage(linkMessage({family: 7})), []);
});

test('whatever comes is read, or said not to be readable', t => {
  fc.assert(
    fc.property(fc.constantFrom(newLink, deletedLink), fc.uint8Array({maxLength: 64}), (type, bytes) => {
      const facts = readLinkMessage({type, data: Buffer.from(bytes)});
      t.true(facts === undefined || facts.length <= 1);
    }),
  );
  const {type, data} = linkMessage();
  for (let length = 0; length < data.length; length++) {
    t.not(readLinkMessage({type, data: data.subarray(0, length)})?.[0]?.name, '');
  }
});
