import {buildEthernet, etherTypes} from '@tacoplex/frames';
import {sipHash} from '@tacoplex/leveling';
import {fromHex, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {addressToUs, buildFlow, describeKey, type Flow, keyKindOf} from '../src/index.ts';
import {at, at6, client, client6, demo, hashKey, macs, openDemo} from './demo.ts';

const flow = (changes: Partial<Flow> = {}): Flow => ({
  protocol: 6,
  source: client,
  destination: at,
  sourcePort: 40_001,
  destinationPort: 80,
  ...changes,
});
const explainer = openDemo();
const explain = (changes: Partial<Flow> = {}) => explainer.explain(buildFlow(flow(changes)));

test('a flow to a service is forwarded to the server that the table has for its bin', t => {
  const {verdict, reason, service, key, server} = explain();

  t.is(verdict, 'forward');
  t.is(reason, 'forwarded');
  t.deepEqual(service, {name: '10.0.1.200:80/tcp', group: 'default', affinity: 'flow'});
  t.is(server?.number, Number(demo.groups[0]?.base[key?.bin ?? -1]));
  t.is(server?.mac, macs.get(server?.number ?? 0));
  t.is(server?.isFallback, false);
});

test('the hash is that of the key under the hash key, and its last four digits are the bin', t => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.boolean(), (sourcePort, isIpv6) => {
      const {key} = explain({sourcePort, ...(isIpv6 && {source: client6, destination: at6})});

      t.deepEqual(fromHex(key?.hash ?? '')?.reverse(), sipHash(hashKey, key?.bytes ?? new Uint8Array(), 1, 3));
      t.is(key?.bin, Number.parseInt(key?.hash.slice(-4) ?? '', 16));
    }),
  );
});

const words = (changes: Partial<Flow>) =>
  describeKey(explain(changes).key?.bytes ?? new Uint8Array(14)).map(({name, value}) => `${name} ${value}`);

test('the parts of a key are told in words, and those it has not are left out', t => {
  t.deepEqual(words({}), [
    'source 192.0.2.7',
    'destination 10.0.1.200',
    'source port 40001',
    'destination port 80',
    'protocol TCP',
    'kind flow',
  ]);
  t.deepEqual(words({destinationPort: 443}), ['source 192.0.2.7', 'kind client']);
  t.deepEqual(words({protocol: 17, destinationPort: 53}), ['source port 40001', 'kind port']);
  t.deepEqual(words({protocol: 17, destinationPort: 1645, identification: 4711}), [
    'source 192.0.2.7',
    'destination 10.0.1.200',
    'identification 4711',
    'protocol UDP',
    'kind ipid',
  ]);
  t.deepEqual(words({source: client6, destination: at6}), [
    'source 2001:db8::7',
    'destination fd00:b::200',
    'source port 40001',
    'destination port 80',
    'protocol TCP',
    'kind flow',
  ]);
});

test('a ping has a key of the client, whatever the affinity', t => {
  for (const ping of [{protocol: 1}, {protocol: 58, source: client6, destination: at6}]) {
    const {verdict, key} = explain(ping);

    t.is(verdict, 'forward');
    t.is(keyKindOf(key?.bytes ?? new Uint8Array(14)), 'client');
  }
});

test('a VLAN tag changes nothing but the frame', t => {
  t.deepEqual(explain({vlan: 7}), explain());
});

test('without a service there is no key and no server', t => {
  t.deepEqual(explain({destinationPort: 81}), {verdict: 'pass', reason: 'no-service'});
  t.deepEqual(explain({protocol: 47}), {verdict: 'pass', reason: 'no-service'});
  t.deepEqual(explain({protocol: 132}), {verdict: 'pass', reason: 'no-service'});
});

test('a frame whose server has no MAC address is dropped, and the server is told', t => {
  const {verdict, reason, server} = explain({destination: '10.0.1.210' as IpAddress});

  t.is(verdict, 'drop');
  t.is(reason, 'no-mac');
  t.like(server, {name: 'server4', mac: undefined});
});

test('a frame cut behind what is read is explained as the whole one', t => {
  const {bytes, length} = buildFlow(flow());

  t.deepEqual(explainer.explain({bytes: bytes.slice(0, 54), length}), explain());
});

test('wherever a frame is cut, it is explained as the whole one or not at all', t => {
  const frames = [flow(), flow({source: client6, destination: at6}), flow({protocol: 17, destinationPort: 53})];
  fc.assert(
    fc.property(fc.constantFrom(...frames), fc.nat(80), (cut, kept) => {
      const {bytes, length} = buildFlow(cut);
      const told = explainer.explain({bytes: bytes.slice(0, kept), length});

      if (told.verdict === 'unknown') {
        t.deepEqual(told, {verdict: 'unknown', reason: 'cut'});
      } else {
        t.deepEqual(told, explainer.explain({bytes, length}));
      }
    }),
    {numRuns: 500},
  );
});

const levelerMac = '02:00:00:00:00:0a' as MacAddress;
const captured = (destination: MacAddress) => {
  const bytes = buildEthernet({
    destination,
    source: '02:00:00:00:00:01' as MacAddress,
    type: etherTypes.ipv4,
    payload: buildFlow(flow()).bytes.subarray(14),
  });
  return {bytes, length: bytes.length};
};

test("a captured frame's own destination counts as ours, broadcast does not", t => {
  t.deepEqual(explainer.explain(addressToUs(captured(levelerMac), undefined)), explain());
  t.is(explainer.explain(addressToUs(captured('ff:ff:ff:ff:ff:ff' as MacAddress), undefined)).reason, 'group-mac');
});

test('with a MAC address of ours, frames for others are not ours', t => {
  t.deepEqual(explainer.explain(addressToUs(captured(levelerMac), levelerMac)), explain());
  for (const other of ['02:00:00:00:00:0b', '00:00:00:00:00:00'] as MacAddress[]) {
    t.is(explainer.explain(addressToUs(captured(other), levelerMac)).reason, 'not-ours');
  }
});

test('the captured frame itself is not changed', t => {
  const frame = captured(levelerMac);
  addressToUs(frame, undefined);

  t.deepEqual(frame, captured(levelerMac));
});

test('any bytes are explained', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 100}), fc.nat(1600), (bytes, missing) => {
      const {verdict} = explainer.explain(addressToUs({bytes, length: bytes.length + missing}, undefined));

      t.true(['forward', 'pass', 'drop', 'unknown'].includes(verdict));
    }),
  );
});
