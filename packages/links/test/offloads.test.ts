import {WorldError} from '@tacoplex/errors';
import test from 'ava';
import {disableCommand, parseOffloads, readOffloads} from '../src/index.ts';

const printed = `Features for eth0:
rx-checksumming: on
tcp-segmentation-offload: off
	tx-tcp-segmentation: off
generic-segmentation-offload: on [requested off]
generic-receive-offload: on
large-receive-offload: off [fixed]
`;

test('offloads that are on are read from what ethtool prints', t => {
  t.deepEqual(parseOffloads(printed), ['gso', 'gro']);
});

test('the command to type names all offloads', t => {
  t.is(disableCommand('eth0'), 'ethtool -K eth0 tso off gso off gro off lro off');
});

test('an interface that does not exist is the world at fault', async t => {
  await t.throwsAsync(readOffloads('nosuch0'), {instanceOf: WorldError, message: /^ethtool -k nosuch0: /});
});
