import {shared} from '@tacoplex/lab';
import {onStage, stageCluster, statusWith, untilWhole} from '../src/index.ts';

const test = onStage();
const lab = stageCluster({name: 'e2e-alone', levelers: 1, servers: 1, engine: 'xdp'});

test('a leveler that is alone forwards on when its elector hangs, for longer than a lease', async t => {
  await untilWhole(lab());
  await lab().killProcess('leveler0', 'elector', 'SIGSTOP');

  const pings = await lab().exec('client', ['ping', '-c', '400', '-i', '0.01', '-W', '5', shared.servIp.ipv4]);

  t.regex(pings.stdout, /400 packets transmitted, 400 received, 0% packet loss/);
  const {engine} = await statusWith(lab(), 'leveler0', 'its status', status => status);
  t.is(engine?.haltedBecause, null);
});

test('and its announcer still answers for the LevIP, to a router that has forgotten it', async t => {
  await lab().exec('router', ['ip', 'neighbour', 'flush', 'all']);

  const pings = await lab().exec('client', ['ping', '-c', '100', '-i', '0.01', '-W', '5', shared.servIp.ipv4]);

  t.regex(pings.stdout, /100 packets transmitted, 100 received, 0% packet loss/);
  await statusWith(lab(), 'leveler0', 'it holds the LevIP', ({addresses}) =>
    addresses.some(({net, holder}) => net === 'a' && holder === 'leveler0'),
  );
});
