import {
  type GroupNumber,
  type IpAddress,
  ipFromBytes,
  ipToBytes,
  macToBytes,
  type ServerNumber,
} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {
  type ImageContent,
  imageBytes,
  isBeingWritten,
  openImage,
  type ServiceEntry,
  versionOf,
  writeImage,
} from '../src/index.ts';
import {findAddress, findService} from '../src/service-lookup.ts';
import {frameNamed} from './named-frames.ts';
import {at, content, decisionOn, imageOf, ourMac} from './samples.ts';

const empty: ImageContent = {hashKey: new Uint8Array(16), ourMac, services: [], groups: [], servers: []};
const entry = (changes: Partial<ServiceEntry>): ServiceEntry => ({
  address: at.flow,
  protocol: 6,
  port: 80,
  group: 0 as GroupNumber,
  affinity: 'flow',
  ...changes,
});

test('fresh memory is an image that passes every frame', t => {
  const image = openImage(new SharedArrayBuffer(imageBytes));

  t.is(decisionOn(frameNamed('TCP over IPv4'), 60, image).verdict, 'pass');
  t.deepEqual(versionOf(image), {term: 0, index: 0});
});

test('an image says which cluster state it was made from, and that it is complete', t => {
  const image = imageOf(content);

  t.deepEqual(versionOf(image), {term: 3, index: 14});
  t.false(isBeingWritten(image));
});

test('what is written through one view is seen through another', t => {
  const buffer = new ArrayBuffer(imageBytes);
  const image = openImage(buffer);
  writeImage(buffer, content);

  t.is(decisionOn(frameNamed('TCP over IPv4'), 60, image).verdict, 'forward');
  t.deepEqual(Uint8Array.from(image.ourMac), macToBytes(ourMac));
});

test('a second content leaves nothing of the first', t => {
  const [buffer, clean] = [new ArrayBuffer(imageBytes), new ArrayBuffer(imageBytes)];
  writeImage(buffer, content);
  writeImage(buffer, empty);
  writeImage(clean, empty);

  t.is(Buffer.compare(Buffer.from(buffer, 16), Buffer.from(clean, 16)), 0); // Behind the sequence and the version
});

test('any set of services is found again, and nothing else', t => {
  const address = fc.oneof(
    fc.uint8Array({minLength: 4, maxLength: 4}).map(bytes => ipFromBytes(bytes)),
    fc.uint8Array({minLength: 16, maxLength: 16}).map(bytes => ipFromBytes(bytes)),
    fc.constantFrom(at.flow, at.client, at.flow6),
  );
  const service = fc
    .record({address, protocol: fc.constantFrom(0, 6, 17), port: fc.constantFrom(0, 53, 80, 443)})
    .map(({protocol, ...rest}) => entry({...rest, protocol: rest.port === 0 ? protocol : protocol || 6}));
  const name = (one: ServiceEntry) => `${one.address} ${one.protocol} ${one.port}`;
  fc.assert(
    fc.property(fc.uniqueArray(service, {selector: name, maxLength: 40}), address, (services, other) => {
      const image = imageOf({...empty, services});
      const index = (ip: IpAddress, protocol: number, port: number) => {
        const place = placeOf(image, ip);
        return place === -1 ? -1 : findService(image, place, protocol, port);
      };

      for (const [number, one] of services.entries()) {
        t.is(index(one.address, one.protocol, one.port), number, name(one));
      }

      t.is(index(other, 6, 80) === -1, !services.some(one => one.address === other && matches(one, 6, 80)));
    }),
    {numRuns: 50},
  );
});

const matches = ({protocol, port}: ServiceEntry, wanted: number, wantedPort: number) =>
  (protocol === 0 || protocol === wanted) && (port === 0 || port === wantedPort);

function placeOf(image: ReturnType<typeof openImage>, ip: IpAddress): number {
  const version = ip.includes(':') ? 6 : 4;
  const bytes = new Uint8Array(16);
  bytes.set(ipToBytes(ip));
  const [a = 0, b = 0, c = 0, d = 0] = new Int32Array(bytes.buffer);
  return findAddress(image, a, b, c, d, version);
}

test('an image holds 1,024 services, 16 groups and 65,535 servers', t => {
  const services = Array.from({length: 1024}, (_, index) =>
    entry({address: ipFromBytes(Uint8Array.of(10, 9, index >> 8, index & 0xff)), group: (index % 16) as GroupNumber}),
  );
  const groups = Array.from({length: 16}, (_, number) => ({
    number: number as GroupNumber,
    base: new Uint16Array(65_536).fill(65_535 - number),
    fallback: new Uint16Array(65_536),
  }));
  const servers = Array.from({length: 65_535}, (_, index) => ({
    number: (index + 1) as ServerNumber,
    mac: ourMac,
    dead: false,
  }));
  const image = imageOf({...content, services, groups, servers});

  for (const [index, {address}] of services.entries()) {
    t.is(findService(image, placeOf(image, address), 6, 80), index);
  }

  t.is(image.tables.at(-65_537), 65_520);
});

const refused: Readonly<Record<string, Partial<ImageContent>>> = {
  'a hash key of 15 bytes': {hashKey: new Uint8Array(15)},
  '1,025 services': {services: Array.from({length: 1025}, (_, port) => entry({port}))},
  'one service twice': {services: [entry({}), entry({affinity: 'client'})]},
  'a port without protocol': {services: [entry({protocol: 0})]},
  'port 65,536': {services: [entry({port: 65_536})]},
  'group 16': {services: [entry({group: 16 as GroupNumber})]},
  'a table of 65,535 bins': {
    groups: [{number: 0 as GroupNumber, base: new Uint16Array(65_535), fallback: new Uint16Array(65_536)}],
  },
  'a table of group 16': {
    groups: [{number: 16 as GroupNumber, base: new Uint16Array(65_536), fallback: new Uint16Array(65_536)}],
  },
  'one group twice': {groups: [...content.groups, ...content.groups.slice(0, 1)]},
  'server 0': {servers: [{number: 0 as ServerNumber, dead: false}]},
};
for (const [what, changes] of Object.entries(refused)) {
  test(`${what} is refused, and the image stays as it was`, t => {
    const buffer = new ArrayBuffer(imageBytes);
    writeImage(buffer, content);
    const before = Buffer.from(buffer.slice(0));

    t.throws(() => writeImage(buffer, {...content, ...changes}), {instanceOf: RangeError});
    t.is(Buffer.compare(Buffer.from(buffer), before), 0);
  });
}

test('memory that is too short, or holds something else, is no image', t => {
  t.throws(() => openImage(new ArrayBuffer(imageBytes - 1)), {instanceOf: RangeError});
  t.throws(() => openImage(new Uint8Array(imageBytes).fill(1).buffer), {instanceOf: RangeError});
});
