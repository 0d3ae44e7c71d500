import {createHash} from 'node:crypto';
import {bigPage, type Engine, type Layout, shared, statusWith} from '@tacoplex/lab';
import {fetchPages, isEven} from './http.ts';
import {onStage, stageCluster} from './stage.ts';

/** What each layout must carry: declared once, staged in a file of its own for each. */
export function declareLayout(layout: Layout, engine: Engine): void {
  const test = onStage();
  const lab = stageCluster({name: `e2e-${layout}-${engine}`, levelers: 2, servers: 4, layout, dwellS: 5, engine});
  const service = `http://${shared.servIp.ipv4}/`;

  test(`${layout}: both levelers forward by ${engine}`, async t => {
    for (const {name} of lab().levelers) {
      t.is(await statusWith(lab(), name, 'an engine', ({engine: running}) => running?.name), engine);
    }
  });

  test(`${layout}: 2,000 requests, each over its own connection, are answered by all servers evenly`, async t => {
    const tally = await fetchPages(lab(), service, 2000);

    t.is(tally.sent, 2000);
    t.deepEqual(tally.perCause, {});
    t.deepEqual(Object.keys(tally.perServer).sort(), ['server0', 'server1', 'server2', 'server3']);
    t.true(isEven(Object.values(tally.perServer)), JSON.stringify(tally.perServer));
  });

  test(`${layout}: one client's pings of the ServIP are all answered`, async t => {
    const {code, stdout} = await lab().exec('client', [
      'ping',
      '-c',
      '50',
      '-i',
      '0.01',
      '-W',
      '5',
      shared.servIp.ipv4,
    ]);

    t.is(code, 0);
    t.regex(stdout, /50 packets transmitted, 50 received, 0% packet loss/);
  });

  test(`${layout}: a large download arrives byte for byte`, async t => {
    const {stdout} = await lab().exec('client', ['sh', '-c', `curl --silent --max-time 30 ${service}10m | sha256sum`]);

    t.is(stdout.split(' ')[0], createHash('sha256').update(bigPage()).digest('hex'));
  });
}
