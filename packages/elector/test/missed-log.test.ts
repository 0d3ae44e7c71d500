import type {View} from '@tacoplex/election';
import {collectLog} from '@tacoplex/testkit';
import test from 'ava';
import {MissedLog} from '../src/missed-log.ts';

type Looked = Parameters<MissedLog['look']>[0];

const viewOf = (...peers: readonly {name: string; live: boolean; member?: boolean; witness?: boolean}[]): Looked => ({
  self: 1 as View['self'],
  peers: peers.map((peer, index) => ({
    id: index + 1,
    member: true,
    witness: false,
    ...peer,
  })) as unknown as View['peers'],
});

const minuteMs = 60_000;
const own = {name: 'leveler0', live: true};

test('a witness that is away for ten minutes is told, and again each hour', t => {
  const {log, lines} = collectLog('elector');
  const missed = new MissedLog(log);
  for (let minute = 0; minute <= 130; minute++) {
    missed.look(viewOf(own, {name: 'witness', live: false, witness: true}), minute * minuteMs);
  }

  t.deepEqual(
    lines.map(line => /member missed name=(\S+) role=(\S+) minutes=(\d+)/.exec(line)?.slice(1).join(' ')),
    ['witness witness 10', 'witness witness 70', 'witness witness 130'],
  );
});

test('who comes back, or is no member, is not missed', t => {
  const {log, lines} = collectLog('elector');
  const missed = new MissedLog(log);
  missed.look(viewOf(own, {name: 'leveler1', live: false}), 0);
  missed.look(viewOf(own, {name: 'leveler1', live: true}), 9 * minuteMs);
  missed.look(viewOf(own, {name: 'leveler1', live: false}), 11 * minuteMs);
  missed.look(viewOf(own, {name: 'leveler1', live: false}), 20 * minuteMs);
  missed.look(viewOf(own, {name: 'leveler2', live: false, member: false}), 90 * minuteMs);

  t.deepEqual(lines, []);
});
