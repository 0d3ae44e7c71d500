import {type IpAddress, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  type ArpFrame,
  answerTo,
  broadcastMac,
  broadcastRequest,
  buildArpFrame,
  buildEthernet,
  gratuitousReply,
  gratuitousRequest,
  joinBytes,
  parseArpFrame,
  unicastRequest,
  zeroMac,
} from '../src/index.ts';

const [ours, theirs] = ['02:00:00:00:00:01', '02:00:00:00:00:99'] as MacAddress[] as [MacAddress, MacAddress];
const [levip, router] = ['10.0.0.200', '10.0.0.1'] as IpAddress[] as [IpAddress, IpAddress];
const frames: Readonly<Record<string, ArpFrame>> = {
  'a gratuitous request': gratuitousRequest(ours, levip),
  'a gratuitous reply': gratuitousReply(ours, levip),
  'a broadcast request': broadcastRequest(ours, levip, router),
  'a unicast request': unicastRequest(ours, levip, theirs, router),
  'an answer': answerTo(broadcastRequest(theirs, router, levip), ours),
};
const parse = (bytes: Uint8Array) => parseArpFrame(bytes, bytes.length);

for (const [what, frame] of Object.entries(frames)) {
  test(`${what} reads back as it was built, in 60 bytes`, t => {
    const bytes = buildArpFrame(frame);

    t.is(bytes.length, 60);
    t.deepEqual(parse(bytes), frame);
  });
}

test('a built request stands byte for byte as RFC 826 says', t => {
  t.is(
    Buffer.from(buildArpFrame(unicastRequest(ours, levip, theirs, router))).toString('hex'),
    `020000000099${'020000000001'}0806${'0001080006040001'}${'020000000001'}0a0000c8${'000000000000'}0a000001`.padEnd(
      120,
      '0',
    ),
  );
});

test('an answer goes to who asked, about what was asked', t => {
  t.deepEqual(answerTo(broadcastRequest(theirs, router, levip), ours), {
    source: ours,
    destination: theirs,
    arp: {operation: 'reply', senderMac: ours, senderIp: levip, targetMac: theirs, targetIp: router},
  });
});

test('gratuitous messages go to everybody and speak of one address only', t => {
  for (const {destination, arp} of [gratuitousRequest(ours, levip), gratuitousReply(ours, levip)]) {
    t.is(destination, broadcastMac);
    t.is(arp.senderIp, arp.targetIp);
    t.is(arp.senderMac, ours);
  }

  t.is(gratuitousRequest(ours, levip).arp.targetMac, zeroMac);
});

const good = buildArpFrame(broadcastRequest(theirs, router, levip));
const lies: Readonly<Record<string, readonly [offset: number, ...bytes: number[]]>> = {
  'another Ethernet type': [12, 0x08, 0x00],
  'a VLAN tag': [12, 0x81, 0x00],
  'hardware type 6': [14, 0, 6],
  'protocol type IPv6': [16, 0x86, 0xdd],
  'hardware addresses of 8 bytes': [18, 8],
  'hardware addresses of no bytes': [18, 0],
  'protocol addresses of 16 bytes': [19, 16],
  'operation 0': [20, 0, 0],
  'operation 3': [20, 0, 3],
  'operation 9': [20, 0, 9],
  'operation 256': [20, 1, 0],
  'a sender that is not the source of the frame': [27, 0x98],
  'a source that is not the sender': [11, 0x98],
};
for (const [what, [offset, ...bytes]] of Object.entries(lies)) {
  test(`a message with ${what} is ignored`, t => {
    const frame = good.slice();
    frame.set(bytes, offset);

    t.is(parse(frame), undefined);
  });
}

test('a message from a group address is ignored', t => {
  const frame = good.slice();
  frame.set(macToBytes(broadcastMac), 6);
  frame.set(macToBytes(broadcastMac), 22);

  t.is(parse(frame), undefined);
});

test('a message is read from 42 bytes, and from no fewer', t => {
  for (let length = 0; length < good.length; length++) {
    t.is(parseArpFrame(good, length) !== undefined, length >= 42);
    t.is(parse(good.slice(0, length)) !== undefined, length >= 42);
  }

  t.is(parseArpFrame(good, good.length + 1), undefined);
});

test('what stands behind the message does not matter', t => {
  t.deepEqual(parse(joinBytes(good, new Uint8Array(100).fill(0xff))), parse(good));
});

test('a frame in the middle of a larger buffer is read at its own place', t => {
  const buffer = joinBytes(new Uint8Array(7).fill(0xee), good);

  t.deepEqual(parseArpFrame(buffer.subarray(7), good.length), parse(good));
});

test('random bytes behind an ARP header either read as what they say or not at all', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 60}), body => {
      const frame = buildEthernet({destination: ours, source: theirs, type: 0x0806, payload: body});
      const read = parse(frame);

      t.true(read === undefined || (read.source === theirs && read.arp.senderMac === theirs));
    }),
  );
});

test('ARP does not speak of IPv6', t => {
  t.throws(() => buildArpFrame(gratuitousRequest(ours, 'fd00:a::200' as IpAddress)), {instanceOf: RangeError});
});
