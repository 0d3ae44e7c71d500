import {buildEthernet, buildIcmp, buildIpv4, buildPing, etherTypes, ipProtocols} from '@tacoplex/frames';
import {type MacAddress, parseIp, trialIdentifier} from '@tacoplex/vocabulary';
import test from 'ava';
import fc from 'fast-check';
import {isTrial} from '../src/index.ts';

const addresses = {source: parseIp('10.0.0.101')!, destination: parseIp('203.0.113.10')!};

const frameOf = (message: Uint8Array, options?: Uint8Array): Uint8Array =>
  buildEthernet({
    destination: '02:00:00:00:00:01' as MacAddress,
    source: '02:00:00:00:00:02' as MacAddress,
    type: etherTypes.ipv4,
    payload: buildIpv4({...addresses, protocol: ipProtocols.icmp, payload: message, ...(options && {options})}),
  });

const ping = (identifier: number): Uint8Array => buildPing(addresses, {identifier, sequence: 7});

test('a ping with the identifier of trials is one, and nothing else', t => {
  const trial = frameOf(ping(trialIdentifier));

  t.true(isTrial(trial, trial.length));
  t.false(isTrial(trial, trial.length - 1));
  for (const other of [
    frameOf(ping(trialIdentifier + 1)),
    frameOf(ping(0x5400)),
    frameOf(ping(trialIdentifier), Uint8Array.of(1, 1, 1, 1)),
    frameOf(buildIcmp(addresses, {type: 0, rest: (trialIdentifier << 16) >>> 0})),
  ]) {
    t.false(isTrial(other, other.length));
  }
});

test('any bytes are read without a fault', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 60}), bytes => {
      t.notThrows(() => isTrial(bytes, bytes.length));
    }),
  );
});
