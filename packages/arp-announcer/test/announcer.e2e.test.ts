import {execFileSync} from 'node:child_process';
import test from 'ava';
import {mac} from './fixtures.ts';
import {type Leveler, Segment, Watched} from './segment.ts';

const serially = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const isHolding = ({claims}: Leveler): boolean => claims[0]?.holding === true;

/** Sends a MAC address ARP frames cut short, as far as a bridge lets them pass, and a whole one whose two sender MACs differ. */
const malformedSenderTo = (destination: string): string => `
  import {openCapture} from ${JSON.stringify(import.meta.resolve('@tacoplex/capture'))};
  const capture = openCapture({interfaceName: 'a0', filter: 'arp', ringBytes: 1_048_576, onFrame() {}});
  const frame = Uint8Array.from({length: 60}, () => 0);
  frame.set([...Buffer.from('${destination}'.replaceAll(':', ''), 'hex'), 2, 0, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1]);
  for (let length = 22; length < 42; length++) {
    capture.send(frame, length);
  }
  capture.send(frame, 60);
  capture.close();
  process.exit(0);
`;

serially('a client follows a steal at once, through a crash, bad frames, a lost link and a planned stop', async t => {
  const segment = new Segment();
  t.teardown(async () => segment.close());
  await segment.open();
  const [one, two] = segment.levelers;
  const first = one.startAnnouncer();
  t.teardown(async () => first.end('SIGKILL'));
  await one.said(isHolding);
  const second = two.startAnnouncer();
  t.teardown(async () => second.end('SIGKILL'));
  await two.said(({status}) => status?.addresses[0]?.holder === 1);
  await segment.resolve();
  t.is(segment.clientsEntry(), one.macs.a);

  // For an operator it finds out who is on net B.
  t.deepEqual(await one.find('10.0.1.2'), two.macs.b);
  t.is(await one.find('10.0.1.77'), undefined);

  // The holder's machine dies: the other takes the LevIP, and the client's entry with it.
  await first.end('SIGKILL');
  one.claims = [];
  one.live = false;
  await two.said(isHolding);
  await two.said(({status}) => status?.counts.some(({name, value}) => name === 'acknowledged' && value > 0) === true);
  t.is(segment.clientsEntry(), two.macs.a);

  // Bad frames are counted, and change nothing.
  await new Watched(segment.client, process.execPath, '--input-type=module', '-e', malformedSenderTo(two.macs.a)).exit;
  await two.said(
    ({status}) => status?.counts.some(({name, value}) => name === 'ignored-malformed' && value >= 21) === true,
  );
  t.true(isHolding(two));

  // The link goes and comes back: the capture is opened anew, and answers.
  const before = second.lines.length;
  execFileSync('ip', ['-n', two.namespace, 'link', 'set', 'a0', 'down']);
  await second.saw(/net is silent/, before);
  execFileSync('ip', ['-n', two.namespace, 'link', 'set', 'a0', 'up']);
  await second.saw(/net is open net=a/, before);
  execFileSync('ip', ['-n', segment.client, 'neigh', 'flush', 'to', '10.0.0.200']);
  await segment.resolve();
  t.is(segment.clientsEntry(), two.macs.a);

  // Another MAC address of the interface is the one that is answered with.
  const other = '02:00:00:00:aa:aa';
  for (const address of [other, two.macs.a]) {
    const from = second.lines.length;
    execFileSync('ip', ['-n', two.namespace, 'link', 'set', 'a0', 'address', address]);
    await second.saw(new RegExp(`net is open net=a.*${address}`), from);
    execFileSync('ip', ['-n', segment.client, 'neigh', 'flush', 'to', '10.0.0.200']);
    await segment.resolve();
    t.is(segment.clientsEntry(), mac(address));
  }

  // The first one is back, and takes over from the second before that ends.
  one.live = true;
  const again = one.startAnnouncer();
  t.teardown(async () => again.end('SIGKILL'));
  await again.saw(/started/);
  await one.said(({status}) => status?.addresses[0]?.holder === 2);
  t.false(isHolding(one));
  t.is(await second.end('SIGTERM'), 0);
  t.true(isHolding(one));
  await segment.resolve();
  t.is(segment.clientsEntry(), one.macs.a);
});

serially('an announcer waits for a link that is down at its start', async t => {
  const segment = new Segment();
  t.teardown(async () => segment.close());
  await segment.open();
  const [one, two] = segment.levelers;
  two.live = false;
  execFileSync('ip', ['-n', one.namespace, 'link', 'set', 'a0', 'down']);
  const announcer = one.startAnnouncer();
  t.teardown(async () => announcer.end('SIGKILL'));

  await announcer.saw(/net is silent, waiting for it net=a/);
  execFileSync('ip', ['-n', one.namespace, 'link', 'set', 'a0', 'up']);
  await announcer.saw(/net is open net=a/);
  await one.said(isHolding);
  await segment.resolve();

  t.is(segment.clientsEntry(), one.macs.a);
});

serially('a LevIP that an interface has is refused in one line', async t => {
  const segment = new Segment();
  t.teardown(async () => segment.close());
  const [one] = segment.levelers;
  execFileSync('ip', ['-n', one.namespace, 'address', 'add', '10.0.0.200/24', 'dev', 'a0']);

  const announcer = one.startAnnouncer();

  t.is(await announcer.exit, 2);
  t.is(announcer.lines.length, 1);
  t.regex(
    announcer.lines[0] ?? '',
    /fatal: cannot go on code=NET_UNMATCHED reason="net_a: the LevIP 10\.0\.0\.200 is on a0/,
  );
});
