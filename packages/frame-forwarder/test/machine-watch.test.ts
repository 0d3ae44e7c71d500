import {WorldError} from '@tacoplex/errors';
import type {Listed, MachinePart} from '@tacoplex/links';
import {HandClock} from '@tacoplex/testkit';
import {type IpAddress, type MacAddress, parseSubnet, type Subnet} from '@tacoplex/vocabulary';
import test from 'ava';
import type {MachineFacts} from '../src/impediment.ts';
import {MachineWatch} from '../src/machine-watch.ts';

const netA = {subnet: parseSubnet('10.0.1.0/24') as Subnet, subnet6: undefined, peers: [], levips: [], routers: []};
const netB = {
  subnet: parseSubnet('10.0.2.0/24') as Subnet,
  subnet6: undefined,
  peers: [],
  gateways: ['10.0.2.254' as IpAddress],
};
const interfaceOf = (name: string, address: string) => ({
  name,
  index: 1,
  mac: '02:00:00:00:00:01' as MacAddress,
  address: address as IpAddress,
  mtu: 1500,
});
const listed = (ifname: string, local: string): Listed => ({
  ifname,
  ifindex: 1,
  link_type: 'ether',
  flags: [],
  mtu: 1500,
  addr_info: [{local, prefixlen: 24}],
});
const empty = JSON.stringify({nftables: []});
const dropping = JSON.stringify({
  nftables: [
    {chain: {family: 'ip', table: 'f', name: 'c', hook: 'forward'}},
    {
      rule: {
        family: 'ip',
        table: 'f',
        chain: 'c',
        expr: [{match: {op: 'in', left: {ct: {key: 'state'}}, right: 'invalid'}}, {drop: null}],
      },
    },
  ],
});

const turn = async (): Promise<void> => new Promise(resolve => setImmediate(resolve));

class Stage {
  readonly clock = new HandClock();
  readonly told: MachineFacts[] = [];
  settings: Readonly<Record<string, string>> = {'net.ipv4.ip_forward': '1'};
  interfaces: readonly Listed[] | undefined = [listed('a0', '10.0.1.5'), listed('b0', '10.0.2.5')];
  ruleset: string | undefined = empty;
  rulesetsRead = 0;
  change: (what: MachinePart) => void = () => {};
  readonly watch = new MachineWatch({
    config: {netA, netB},
    nets: {a: interfaceOf('a0', '10.0.1.5'), b: interfaceOf('b0', '10.0.2.5')},
    clock: this.clock,
    onFacts: facts => this.told.push(facts),
    sources: {
      watch: onChange => {
        this.change = onChange;
        return () => {};
      },
      list: () => {
        if (this.interfaces === undefined) {
          throw new WorldError('ip: cannot be run', {code: 'COMMAND_FAILED', command: 'ip'});
        }

        return this.interfaces;
      },
      setting: name => this.settings[name],
      ruleset: async () => {
        this.rulesetsRead++;
        return this.ruleset;
      },
    },
  });

  /** Told of a change, it has had the time to look. */
  async see(what: MachinePart): Promise<MachineFacts | undefined> {
    this.change(what);
    await this.pass(20);
    return this.told.at(-1);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }
}

test('nothing is told before all was looked at once', async t => {
  const stage = new Stage();
  stage.watch.lookAtSettings();
  t.deepEqual(stage.told, []);
  await turn();

  t.deepEqual(stage.told, [
    {
      a: {name: 'a0', mtu: 1500, hasAddress: true},
      b: {name: 'b0', mtu: 1500, hasAddress: true},
      unmet: undefined,
      rpFilter: undefined,
    },
  ]);
});

test('a lost address is told, what stays as it was is not', async t => {
  const stage = new Stage();
  await turn();
  await stage.see('nets');
  t.is(stage.told.length, 1);
  stage.interfaces = [listed('a0', '192.0.2.1'), listed('b0', '10.0.2.5')];

  t.false((await stage.see('nets'))?.a?.hasAddress);
});

test('while interfaces cannot be listed what was known stands', async t => {
  const stage = new Stage();
  await turn();
  stage.interfaces = undefined;
  await stage.see('nets');

  t.is(stage.told.length, 1);
});

test('a rule that drops answers is told, and that it is gone', async t => {
  const stage = new Stage();
  await turn();
  stage.ruleset = dropping;
  t.regex((await stage.see('filter'))?.unmet ?? '', /ip f c drops packets of invalid connections/);
  stage.ruleset = empty;
  t.is((await stage.see('filter'))?.unmet, undefined);
});

test('a filter that cannot be read any more is asked for again, and what was known stands', async t => {
  const stage = new Stage();
  stage.ruleset = dropping;
  await turn();
  stage.ruleset = undefined;
  await stage.see('filter');
  t.is(stage.told.length, 1);
  stage.ruleset = empty;
  await stage.pass(1000);

  t.is(stage.told.at(-1)?.unmet, undefined);
});

test('one that never could be read is not asked for without a change', async t => {
  const stage = new Stage();
  stage.ruleset = undefined;
  await turn();
  await stage.pass(10_000);

  t.is(stage.rulesetsRead, 1);
});

test('a filter that changes all the time is not read all the time, and interfaces are looked at meanwhile', async t => {
  const stage = new Stage();
  await turn();
  for (let change = 0; change < 100; change++) {
    stage.change('filter');
    await stage.pass(20);
  }

  t.true(stage.rulesetsRead <= 8, `${stage.rulesetsRead} times in 2 s`);
  stage.interfaces = [listed('b0', '10.0.2.5')];
  t.is((await stage.see('nets'))?.a, undefined);
});

test('a setting is seen when it is looked for', async t => {
  const stage = new Stage();
  await turn();
  stage.settings = {'net.ipv4.ip_forward': '0'};
  stage.watch.lookAtSettings();

  t.regex(stage.told.at(-1)?.unmet ?? '', /^net\.ipv4\.ip_forward is 0/);
});

test('nothing is told after it is closed', async t => {
  const stage = new Stage();
  stage.watch.close();
  await turn();
  stage.watch.lookAtSettings();

  t.deepEqual(stage.told, []);
});
