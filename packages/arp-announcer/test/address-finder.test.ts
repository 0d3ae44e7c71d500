import {HandClock} from '@tacoplex/testkit';
import test from 'ava';
import {AddressFinder, findingTimes} from '../src/address-finder.ts';
import {ip, mac} from './fixtures.ts';

const address = ip('10.0.1.150');
const other = ip('10.0.1.151');
const answerOf = (senderIp = address) => ({
  operation: 'reply' as const,
  senderIp,
  senderMac: mac('02:00:00:00:01:50'),
  targetIp: ip('10.0.1.1'),
  targetMac: mac('02:00:00:00:0b:01'),
});

const open = (sends = (): boolean => true) => {
  const clock = new HandClock();
  const asked: string[] = [];
  const finder = new AddressFinder(clock, wanted => {
    asked.push(`${wanted} ${clock.now()}`);
    return sends();
  });
  return {clock, asked, finder};
};

test('the first answer ends the search', async t => {
  const {clock, asked, finder} = open();
  const found = finder.find(address);
  clock.advance(100);

  finder.hear(answerOf(other));
  finder.hear(answerOf());
  clock.advance(5000);

  t.deepEqual(await found, {mac: mac('02:00:00:00:01:50')});
  t.deepEqual(asked, ['10.0.1.150 0', '10.0.1.150 100']);
});

test('it is asked five times, and then nobody answers', async t => {
  const {clock, asked, finder} = open();
  const found = finder.find(address);

  clock.advance(findingTimes.patienceMs);

  t.is(await found, 'nobody answers');
  t.deepEqual(
    asked.map(line => Number(line.split(' ')[1])),
    [0, ...findingTimes.askAfterMs],
  );
});

test('a net that carries nothing is told apart from one on which nobody answers', async t => {
  const {clock, finder} = open(() => false);
  const found = finder.find(address);

  clock.advance(findingTimes.patienceMs);

  t.is(await found, 'nobody could be asked');
});

test('a net that begins to carry meanwhile is asked', async t => {
  let carries = false;
  const {clock, finder} = open(() => carries);
  const found = finder.find(address);
  carries = true;

  clock.advance(findingTimes.patienceMs);

  t.is(await found, 'nobody answers');
});

test('two who look for one address wait for one search, and the next one begins anew', async t => {
  const {clock, asked, finder} = open();
  const both = Promise.all([finder.find(address), finder.find(address)]);

  finder.hear(answerOf());

  t.is(new Set(await both).size, 1);
  t.is(asked.length, 1);
  const again = finder.find(address);
  clock.advance(findingTimes.patienceMs);
  t.is(await again, 'nobody answers');
});

test('however many are asked for, the net hears of 16 at once', async t => {
  const {clock, asked, finder} = open();
  const all = Promise.all(Array.from({length: 200}, (_, index) => finder.find(ip(`10.0.1.${index + 1}`))));

  clock.advance(findingTimes.patienceMs);

  const found = await all;
  t.is(found.filter(one => one === 'nobody answers').length, 16);
  t.is(found.filter(one => one === 'too many at once').length, 184);
  t.is(asked.length, 16 * 5);
});
