import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {shownOf} from '@tacoplex/cluster';
import {type FoundRing, parseConfig} from '@tacoplex/config';
import type {Net} from '@tacoplex/election';
import {collectLog, HandClock, MemoryNetwork} from '@tacoplex/testkit';
import type {IpAddress, LevelerId, MacAddress} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {Elector} from '../src/elector.ts';
import {Envelopes} from '../src/envelope.ts';
import {KeyKeeper} from '../src/key-keeper.ts';
import {drawKey} from '../src/key-secrets.ts';

const example = readFileSync(new URL('../../../../examples/taco.toml', import.meta.url), 'utf8');
const ring: FoundRing = {
  rotation: 0,
  cluster: '',
  lineage: '',
  keyFile: '',
  copy: '',
  isBrought: false,
  keys: [{...drawKey(), stage: 'current'}],
};
const place = (last: number) => ({
  address: '10.0.1.1' as IpAddress,
  mac: `02:00:00:00:00:0${last}` as MacAddress,
});

/** Machines that all have number 1, on nets that carry everything at once to everybody else. */
const openNets = (t: ExecutionContext) => {
  const clock = new HandClock();
  const electors: Elector[] = [];
  const start = (name: string, mac: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'taco-twin-'));
    t.teardown(() => rmSync(folder, {recursive: true, force: true}));
    const config = parseConfig(`${example}\n[paths]\nrun = "${folder}"\nstate = "${folder}"\n`, 'taco.toml');
    const {log, lines} = collectLog('elector', 'notice');
    const world = {config, clock, log, bus: new MemoryNetwork().createPort('elector'), optimiser: {rest() {}}};
    const wire = (net: Net) => ({
      send(datagram: Uint8Array): void {
        for (const other of electors.filter(candidate => candidate !== elector)) {
          other.hear(net, Buffer.from(datagram), place(mac).address, undefined);
        }
      },
    });
    const {keyFile, name: cluster} = config.cluster;
    const keys = new KeyKeeper({ring, keyFile, folder, cluster, clock, log, onChange: () => {}});
    const elector: Elector = new Elector({
      world,
      id: 1 as LevelerId,
      about: {name, a: place(mac), b: place(mac), reachesA: true, reachesB: true, claims: [], keys: shownOf(ring)},
      envelopes: new Envelopes(ring),
      keys,
      wires: {a: wire('a'), b: wire('b')},
    });
    electors.push(elector);
    elector.start();
    return {elector, lines};
  };

  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5);
    }
  };

  return {start, pass};
};

test('a machine with a number that is taken ends and says whose it is; the other tells of it once, and goes on', async t => {
  const {start, pass} = openNets(t);
  const first = start('one', 1);
  pass(2000);
  const second = start('two', 2);
  pass(2000);

  const error = await t.throwsAsync(second.elector.failed);
  t.is(
    error?.message,
    'leveler number 1 runs already (one, 02:00:00:00:00:01); give this one an address of its own on net B',
  );
  const ended = await Promise.race([first.elector.failed.catch(() => true), Promise.resolve(false)]);
  t.false(ended);
  t.true(first.lines.filter(line => line.includes('another leveler has this number')).length <= 1);
});
