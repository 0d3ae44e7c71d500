import {shared, waitFor} from '@tacoplex/lab';
import {fetchPages, findHolder, onStage, statusWith, untilWhole} from '../src/index.ts';
import {lab} from './two-levelers.ts';

const test = onStage();
const service = `http://${shared.servIp.ipv4}/`;

const otherThan = (leveler: string): string =>
  lab()
    .levelers.map(({name}) => name)
    .find(name => name !== leveler) ?? '';

/** Whether an XDP program is on the interface of net A. */
const isAttached = async (leveler: string): Promise<boolean> => {
  const {stdout} = await lab().exec(leveler, ['ip', '-j', 'link', 'show', 'a0']);
  const [link] = JSON.parse(stdout) as [{xdp?: unknown}];
  return link.xdp !== undefined;
};

const restart = async (leveler: string, processName: string): Promise<void> => {
  const pidOf = async () => (await lab().supervised(leveler))?.find(({name}) => name === processName);
  const before = (await pidOf())?.pid;
  await lab().killProcess(leveler, processName);
  await waitFor(
    async () => {
      const now = await pidOf();
      return now?.state === 'RUNNING' && now.pid !== before;
    },
    {what: `${leveler}: ${processName} runs again`},
  );
};

test('the holder is drained of its addresses and its data path, and no request and no ping fails', async t => {
  await untilWhole(lab());
  const holder = await findHolder(lab());
  t.true(await isAttached(holder));
  const requests = fetchPages(lab(), service, 400);
  const pings = lab().exec('client', ['ping', '-c', '400', '-i', '0.01', '-W', '5', shared.servIp.ipv4]);

  const drained = await lab().exec(holder, ['taco', 'leveler', 'drain', holder, '--uninstall', '--json']);

  t.is(drained.code, 0, drained.stderr);
  t.deepEqual(JSON.parse(drained.stdout), {
    leveler: holder,
    holds: [],
    uninstalled: {engine: 'xdp', interface: 'a0'},
  });
  t.deepEqual((await requests).perCause, {});
  t.regex((await pings).stdout, /400 packets transmitted, 400 received, 0% packet loss/);
  t.false(await isAttached(holder));
  t.is((await lab().exec(holder, ['sh', '-c', 'ls /sys/fs/bpf/tacoplex/a0 2>/dev/null'])).stdout, '');
});

test('what was drained is seen by both: leaving here, halted there, and everything held by the other', async t => {
  const holder = await findHolder(lab());
  const drained = otherThan(holder);

  for (const {name} of lab().levelers) {
    const {addresses} = await statusWith(lab(), name, 'it is shown as leaving', status =>
      status.levelers.some(leveler => leveler.name === drained && leveler.state === 'leaving') &&
      status.leader === holder
        ? status
        : undefined,
    );
    t.deepEqual([...new Set(addresses.filter(({holder: now}) => now !== null).map(({holder: now}) => now))], [holder]);
  }

  const {engine} = await statusWith(lab(), drained, 'its status', status => status);
  t.is(engine?.haltedBecause, 'uninstalled: restart frame-forwarder to forward again');
});

test('the last leveler that serves is not drained, nor a data path uninstalled from elsewhere, nor by a bare word', async t => {
  const holder = await findHolder(lab());

  const last = await lab().exec(holder, ['taco', 'leveler', 'drain', holder]);
  const elsewhere = await lab().exec(holder, ['taco', 'leveler', 'drain', otherThan(holder), '--uninstall']);
  const bare = await lab().exec(holder, ['taco', 'leveler', 'drain', '--force']);

  t.is(last.code, 1);
  t.regex(last.stderr, /no other leveler could take over/);
  t.is(bare.code, 1);
  t.regex(bare.stderr, new RegExp(`^taco: this would drain ${holder}, the leveler that this is typed on`));
  t.is(elsewhere.code, 1);
  t.regex(elsewhere.stderr, new RegExp(`^taco: this is leveler ${holder}`));
  t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
});

test('commands go on while a leveler is drained, and an elector that comes back alone takes no address', async t => {
  const holder = await findHolder(lab());
  const drained = otherThan(holder);
  const {code, stdout} = await lab().exec(holder, ['taco', 'group', 'add', 'spare']);
  t.is(code, 0);
  t.regex(stdout, /on leveler0, leveler1/);
  t.is((await lab().exec(holder, ['taco', 'group', 'remove', 'spare'])).code, 0);

  await restart(drained, 'elector');
  await statusWith(lab(), holder, 'it is leaving again', ({levelers}) =>
    levelers.some(({name, state}) => name === drained && state === 'leaving'),
  );

  t.is(await findHolder(lab()), holder);
  t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});
});

test('restarting the processes brings the leveler back, and it serves alone', async t => {
  const holder = await findHolder(lab());
  const drained = otherThan(holder);

  await restart(drained, 'frame-forwarder');
  await restart(drained, 'elector');
  await untilWhole(lab());
  t.true(await isAttached(drained));
  await lab().powerOff(holder);
  await statusWith(lab(), drained, 'it holds the LevIP', ({addresses}) =>
    addresses.some(({net, holder: now}) => net === 'a' && now === drained),
  );

  t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});
  await lab().powerOn(holder);
  await untilWhole(lab());
});
