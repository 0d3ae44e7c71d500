import {type MacAddress, macFromBytes, macToBytes, type ServerNumber} from '@tacoplex/vocabulary';
import test from 'ava';
import {createDecision, decide, reasons, rewrite, verdicts, writeServer} from '../src/index.ts';
import {frameNamed, namedFrames} from './named-frames.ts';
import {at, content, decisionOn, image, imageOf, outcome, outcomeOf, services} from './samples.ts';

for (const {name, frame, reason} of namedFrames) {
  const index = reasons.indexOf(reason);

  test(`a frame of ${name} goes out as ${reason}, ${verdicts[index]}`, t => {
    const before = frame.slice();

    t.like(outcome(frame), {reason, verdict: verdicts[index]});
    t.deepEqual(frame, before);
  });
}

test('every reason is the way out of some frame', t => {
  t.deepEqual(new Set(namedFrames.map(({reason}) => reason)), new Set(reasons));
});

const sameServer = (title: string, one: string, other: string) => {
  test(title, t => {
    const [first, second] = [outcome(frameNamed(one)), outcome(frameNamed(other))];

    t.like(first, {verdict: 'forward'});
    t.deepEqual({...second, service: first.service}, first);
  });
};

sameServer('IPv4 options change nothing', 'TCP over IPv4', 'TCP behind ten words of IPv4 options');
sameServer('IPv6 extension headers change nothing', 'TCP over IPv6', 'TCP behind one of each IPv6 extension header');
sameServer('a VLAN tag changes nothing', 'TCP over IPv4', 'TCP with a VLAN tag');
sameServer('padding changes nothing', 'TCP over IPv4', 'TCP with 200 bytes of padding');
sameServer(
  'a client meets one server on all services of a group',
  'TCP over IPv4 to a first service of the client group',
  'TCP over IPv4 to a second service of the client group',
);
sameServer(
  'fragments follow their first by identification',
  'the first fragment to a service by identification',
  'a later fragment to a service by identification',
);
sameServer('a long ping stays together', 'the first fragment of a long ping', 'a later fragment of a long ping');
sameServer('the first fragment goes by its ports', 'UDP over IPv4', 'the first fragment over IPv4');
for (const type of [3, 11, 12]) {
  sameServer(
    `an ICMP error of type ${type} meets the server of its flow`,
    'TCP over IPv4',
    `ICMP error ${type} about TCP`,
  );
}

for (const type of [1, 2, 3, 4]) {
  sameServer(
    `an ICMPv6 error of type ${type} meets the server of its flow`,
    'TCP over IPv6',
    `ICMPv6 error ${type} about TCP`,
  );
}

sameServer(
  'an error about a ping meets the server of the ping',
  'an IPv4 ping',
  'an ICMP error about an answered ping',
);
sameServer(
  'an error about a piece without ports meets the server of its client',
  'TCP over IPv4 to a first service of the client group',
  'an ICMP error about a later fragment of a service by client',
);

test('the most exact of layered services is found', t => {
  const found = ['exact', 'second', 'last'].map(which => {
    const protocol = which === 'last' ? 'UDP' : 'TCP';
    return services[outcome(frameNamed(`${protocol} to the ${which} one of layered services`)).service];
  });

  t.deepEqual(
    found.map(service => [service?.address, service?.protocol, service?.port]),
    [
      [at.layered, 6, 80],
      [at.layered, 6, 0],
      [at.layered, 0, 0],
    ],
  );
});

test('a decision leaves nothing of the one before', t => {
  const reused = createDecision();
  for (const {name, frame} of [...namedFrames, ...namedFrames.toReversed()]) {
    decide(image, frame, frame.length, reused);

    t.deepEqual(outcomeOf(reused), outcome(frame), name);
    t.deepEqual(reused.packet, decisionOn(frame).packet, name);
  }
});

test('a base that dies sends its bins to the fallback, and takes them back when it lives', t => {
  const frame = frameNamed('TCP over IPv4');
  const own = imageOf(content);
  const server = outcome(frame).server as ServerNumber;
  const mac = '02:00:00:00:01:77' as MacAddress;

  writeServer(own, {number: server, mac, dead: true});
  t.is(decisionOn(frame, frame.length, own).server, (server % 4) + 1);

  writeServer(own, {number: server, mac, dead: false});
  t.is(decisionOn(frame, frame.length, own).server, server);
});

test('a server whose MAC address is not known keeps its bins and gets no frame', t => {
  const unknown = outcome(frameNamed('a server of unknown MAC address'));

  t.like(unknown, {verdict: 'drop', server: 10});
});

test('only the first 12 bytes of a frame are rewritten', t => {
  const frame = frameNamed('TCP with a VLAN tag').slice();
  const decision = decisionOn(frame);

  rewrite(frame, image, decision, macToBytes('02:00:00:00:02:01' as MacAddress));

  t.true(macFromBytes(frame, 0) === content.servers[decision.server - 1]?.mac);
  t.is(macFromBytes(frame, 6), '02:00:00:00:02:01' as MacAddress);
  t.deepEqual(frame.slice(12), frameNamed('TCP with a VLAN tag').slice(12));
});
