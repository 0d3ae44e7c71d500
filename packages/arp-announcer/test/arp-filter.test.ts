import {parseIp} from '@tacoplex/vocabulary';
import test from 'ava';
import {arpFilter} from '../src/arp-filter.ts';
import {mac} from './fixtures.ts';

const own = mac('02:00:00:00:0a:01');
const pings =
  '(ether dst 02:00:00:00:0a:01 and dst host 10.0.0.101 and icmp[icmptype] == icmp-echoreply and icmp[4:2] == 21584)';

test('what is sent to us, what names a shared address, and pings of ours pass', t => {
  t.is(
    arpFilter(own, parseIp('10.0.0.101')!, [parseIp('10.0.0.9')!, parseIp('10.0.0.10')!]),
    '(arp and (ether dst 02:00:00:00:0a:01 or arp src host 10.0.0.9 or arp dst host 10.0.0.9' +
      ` or arp src host 10.0.0.10 or arp dst host 10.0.0.10)) or ${pings}`,
  );
});

test('a net without shared addresses hears what is sent to us', t => {
  t.is(arpFilter(own, parseIp('10.0.0.101')!, []), `(arp and (ether dst 02:00:00:00:0a:01)) or ${pings}`);
});
