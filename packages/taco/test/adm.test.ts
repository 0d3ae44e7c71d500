import test from 'ava';
import {printPlainly} from '../src/adm.ts';
import {describeStatus} from '../src/status-document.ts';
import {healthy, ip, received} from './sample-status.ts';

test('the state reads as the original printed it', t => {
  t.is(
    printPlainly(describeStatus(received(healthy)), 1_700_000_000),
    `TacoPleX (Version 0.1)
Using 65536 bins.
I am not the leader.
Leveler: 10.0.1.1 1699999999
Leveler: 10.0.1.2 1700000000
Server: 10.0.1.101 32327
Server: 10.0.1.102 150829
Virtual: 10.0.1.200:80 183156`,
  );
});

test('the leader says so', t => {
  const leading = {...healthy, view: {...healthy.view, self: 1, role: 3}};

  t.is(printPlainly(describeStatus(received(leading)), 0).split('\n')[2], 'I am the leader.');
});

test('services of one address and port are one virtual address: protocols add up', t => {
  const service = {address: ip('fd00:b::200'), port: 53};
  const both = {
    ...healthy,
    state: {
      ...healthy.state,
      services: [
        {...service, protocol: 6},
        {...service, protocol: 17},
      ],
    },
    forwarder: {
      ...healthy.forwarder,
      services: [
        {...service, protocol: 6, packets: 3},
        {...service, protocol: 17, packets: 4},
      ],
    },
  };

  t.is(
    printPlainly(describeStatus(received(both)), 0)
      .split('\n')
      .at(-1),
    'Virtual: [fd00:b::200]:53 7',
  );
});
