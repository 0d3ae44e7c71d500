import test from 'ava';
import fc from 'fast-check';
import {changeFrame, changes, payloadOf} from '../src/datagrams.ts';

/** An Ethernet frame with a UDP datagram in it. */
const frame = (payload: Uint8Array, port = 7848): Uint8Array => {
  const bytes = new Uint8Array(42 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 28 + payload.length);
  view.setUint8(23, 17);
  view.setUint16(36, port);
  view.setUint16(38, 8 + payload.length);
  bytes.set(payload, 42);
  return bytes;
};

/** Folded to 16 bits; 0xffff where the checksum in it is right. */
const sumOf = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += view.getUint16(at);
  }

  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }

  return sum;
};

test('the payload of a datagram between levelers is found, and of no other frame', t => {
  t.is(payloadOf(frame(new Uint8Array(30))), 42);
  t.is(payloadOf(frame(new Uint8Array(30), 53)), undefined);
  t.is(payloadOf(new Uint8Array(60)), undefined);
  t.is(payloadOf(new Uint8Array(3)), undefined);
});

for (const change of changes) {
  test(`${change}: the frame is whole, differs where it should, and the original stays`, t => {
    fc.assert(
      fc.property(fc.uint8Array({minLength: 28, maxLength: 400}), fc.infiniteStream(fc.nat()), (payload, numbers) => {
        const original = frame(payload);
        const before = original.slice();
        const changed = changeFrame(original, 42, change, below => numbers.next().value % below);

        t.deepEqual(original, before);
        t.is(new DataView(changed.buffer).getUint16(16), changed.length - 14);
        t.is(new DataView(changed.buffer).getUint16(38), changed.length - 34);
        if (change === 'none') {
          t.deepEqual(changed, before);
        } else {
          t.is(sumOf(changed.subarray(14, 34)), 0xffff);
        }

        if (['wrong-mac', 'unknown-key', 'other-sender'].includes(change)) {
          t.is([...changed.subarray(42)].filter((byte, index) => byte !== payload[index]).length, 1);
        }
      }),
    );
  });
}
