import {joinBytes} from '@tacoplex/frames';
import test from 'ava';
import fc from 'fast-check';
import {CaptureError, readCapture} from '../src/index.ts';
import {
  describedInterface,
  enhancedPacket,
  section,
  simplePacket,
  type Written,
  writePcap,
  writePcapng,
} from './capture-files.ts';

const frame = (length: number, filler = 7): Written => ({bytes: new Uint8Array(length).fill(filler)});
const three = [frame(60), frame(61, 8), {bytes: new Uint8Array(14).fill(9), length: 1514}];
const read = (file: Uint8Array) =>
  [...readCapture(file)].map(({bytes, length}) => ({bytes: Uint8Array.from(bytes), length}));
const expected = (frames: readonly Written[]) =>
  frames.map(({bytes, length = bytes.length}) => ({bytes: Uint8Array.from(bytes), length}));

for (const isLittle of [true, false]) {
  const order = isLittle ? 'little-endian' : 'big-endian';

  for (const [time, mark] of Object.entries({microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d})) {
    test(`a ${order} pcap with ${time} gives its frames, cut ones with their whole length`, t => {
      t.deepEqual(read(writePcap(three, {isLittle, mark})), expected(three));
    });
  }

  test(`a ${order} pcapng gives its enhanced packets and passes unknown blocks over`, t => {
    t.deepEqual(read(writePcapng(three, isLittle)), expected(three));
  });

  test(`a ${order} pcapng gives its simple packets, cut by the interface's snap length`, t => {
    const file = joinBytes(
      section(isLittle),
      describedInterface(isLittle, 1, 64),
      simplePacket(isLittle, frame(60)),
      simplePacket(isLittle, {bytes: new Uint8Array(64).fill(3), length: 100}),
    );

    t.deepEqual(read(file), expected([frame(60), {bytes: new Uint8Array(64).fill(3), length: 100}]));
  });
}

test('a pcapng of two sections in different byte orders gives the frames of both', t => {
  const file = joinBytes(writePcapng([frame(60)], true), writePcapng([frame(62)], false));

  t.deepEqual(read(file), expected([frame(60), frame(62)]));
});

test('an empty capture has no frames', t => {
  t.deepEqual(read(writePcap([])), []);
  t.deepEqual(read(writePcapng([])), []);
});

test('the check sequence that a pcap says it has behind each frame does not matter', t => {
  t.deepEqual(read(writePcap([frame(60)], {linkType: 0x2400_0001})), expected([frame(60)]));
});

const withWord = (file: Uint8Array, offset: number, value: number): Uint8Array => {
  const changed = Uint8Array.from(file);
  new DataView(changed.buffer).setUint32(offset, value, true);
  return changed;
};

const pcap = writePcap([frame(60)]);
const pcapng = writePcapng([frame(60)]);
const packet = pcapng.length - 92;

const faults: Readonly<Record<string, {file: Uint8Array; what: RegExp}>> = {
  'nothing at all': {file: new Uint8Array(), what: /empty/},
  'three bytes': {file: Uint8Array.of(0xd4, 0xc3, 0xb2), what: /no capture/},
  'a compressed capture': {file: Uint8Array.of(0x1f, 0x8b, 8, 0), what: /compressed/},
  'another kind of file': {file: new TextEncoder().encode('[cluster]\nname = "demo"\n'), what: /no capture/},
  'half a header': {file: pcap.slice(0, 12), what: /ends within its header, after 12 bytes of 24/},
  'a pcap of version 2.3': {file: withWord(pcap, 4, 0x0003_0002), what: /version 2\.3/},
  'a capture of raw IP': {
    file: writePcap([frame(60)], {linkType: 101}),
    what: /link type 101 \(raw IP\), not Ethernet/,
  },
  'a capture of every interface': {
    file: writePcap([frame(60)], {linkType: 276}),
    what: /link type 276 \(Linux "any"\)/,
  },
  'an unknown link type': {file: writePcap([frame(60)], {linkType: 147}), what: /link type 147, not Ethernet/},
  'a record header that is cut': {file: pcap.slice(0, 30), what: /record 1 \(at byte 24\) is cut/},
  'a record that is cut': {file: pcap.slice(0, -1), what: /record 1 .* has 60 bytes of a frame, but has 59/},
  'a record of 4 GiB': {file: withWord(pcap, 32, 0xffff_ffff), what: /4294967295 bytes: none is that long/},
  'a record of a frame of 4 GiB': {file: withWord(pcap, 36, 0xffff_ffff), what: /4294967295 bytes: none is that long/},
  'a section header that is cut': {file: pcapng.slice(0, 20), what: /block 1 .* ends within a section header/},
  'a section header without byte-order mark': {file: withWord(pcapng, 8, 1), what: /without its byte-order mark/},
  'a pcapng of version 2': {file: withWord(pcapng, 12, 2), what: /version 2\.0 of pcapng/},
  'a block of 0 bytes': {file: withWord(pcapng, packet + 4, 0), what: /says that it is 0 bytes long/},
  'a block of 30 bytes': {file: withWord(pcapng, packet + 4, 30), what: /says that it is 30 bytes long/},
  'a block that ends behind the file': {
    file: withWord(pcapng, packet + 4, 4096),
    what: /of its 4096 bytes the file has 92/,
  },
  'a block of two lengths': {
    file: withWord(pcapng, pcapng.length - 4, 88),
    what: /92 bytes long at its begin, and 88 at its end/,
  },
  'a packet of an unknown interface': {
    file: withWord(pcapng, packet + 8, 5),
    what: /interface 5, which the file has not described/,
  },
  'a packet longer than its block': {
    file: withWord(pcapng, packet + 20, 90),
    what: /has 90 bytes of a frame, but has 60/,
  },
  'a packet of a Wi-Fi interface': {
    file: joinBytes(section(true), describedInterface(true, 105), enhancedPacket(true, frame(60))),
    what: /link type 105 \(Wi-Fi\), not Ethernet/,
  },
};

for (const [title, {file, what}] of Object.entries(faults)) {
  test(`${title} is refused in one line`, t => {
    const error = t.throws(() => read(file), {instanceOf: CaptureError, message: what});

    t.notRegex(error?.message ?? '', /\n/);
  });
}

test('of a capture that ends in the middle of a frame, those before are given out', t => {
  const frames = readCapture(writePcap([frame(60), frame(61)]).slice(0, -10));

  t.is(frames.next().value?.bytes.length, 60);
  t.throws(() => frames.next(), {instanceOf: CaptureError, message: /record 2/});
});

test('whatever is changed in a capture, it gives frames or the one error, and ends', t => {
  const files = [writePcap(three), writePcap(three, {isLittle: false}), writePcapng(three), writePcapng(three, false)];
  const change = fc.record({at: fc.nat(400), value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))});
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(change, {minLength: 1, maxLength: 12}),
      fc.nat(500),
      (file, changes, length) => {
        const mangled = file.slice(0, length);
        for (const {at, value} of changes.filter(({at}) => at < mangled.length)) {
          mangled[at] = value;
        }

        try {
          for (const {bytes, length: whole} of readCapture(mangled)) {
            t.true(bytes.length <= whole && whole <= 262_144);
          }
        } catch (error) {
          t.true(error instanceof CaptureError, String(error));
        }
      },
    ),
    {numRuns: 5000},
  );
});

test('any bytes at all give frames or the one error', t => {
  fc.assert(
    fc.property(fc.constantFrom(0, 4, 24, 48), fc.uint8Array({maxLength: 300}), (kept, bytes) => {
      const file = joinBytes(writePcapng([]).slice(0, kept), bytes);
      try {
        read(file);
      } catch (error) {
        t.true(error instanceof CaptureError, String(error));
      }
    }),
    {numRuns: 3000},
  );
});
