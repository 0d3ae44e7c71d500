import {readFileSync} from 'node:fs';
import {parseIp} from '@tacoplex/vocabulary';
import test from 'ava';
import {findUnmet, readFacts, readSetting, requirements} from '../src/index.ts';

const document = readFileSync(new URL('../../../../docs/requirements.md', import.meta.url), 'utf8');
const classic = {netA: 'eth0', netB: 'eth1', gateways: [parseIp('10.0.1.254')!]};
const oneWay = {...classic, gateways: []};

const facts = (settings: Readonly<Record<string, string>>, entries: readonly object[] = []) => ({
  setting: (name: string): string | undefined => settings[name],
  ruleset: JSON.stringify({nftables: entries}),
});
const unmet = (task: typeof classic, ...given: Parameters<typeof facts>): string[] =>
  findUnmet(task, facts(...given)).map(({name}) => name);

const forward = {chain: {family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'accept'}};
const invalid = (chain: string, op = '==') => ({
  rule: {
    family: 'ip',
    table: 'filter',
    chain,
    expr: [{match: {op, left: {ct: {key: 'state'}}, right: 'invalid'}}, {drop: null}],
  },
});

const ruleOf = (chain: string, ...expr: readonly object[]) => ({rule: {family: 'ip', table: 'filter', chain, expr}});
const comesBy = (right: unknown, op = '==') => ({match: {op, left: {meta: {key: 'iifname'}}, right}});
const dropInvalid = [{match: {op: 'in', left: {ct: {key: 'state'}}, right: 'invalid'}}, {drop: null}];
const accept = {accept: null};

for (const {name, show, mend} of requirements) {
  test(`docs/requirements.md has a section on ${name}, with the commands that show and mend it`, t => {
    const [, section = ''] = document.split(`\n## ${name[0]?.toUpperCase()}${name.slice(1)}\n`);
    const [own = ''] = section.split('\n## ');

    t.true(own.includes(show(classic)), show(classic));
    t.true(own.includes(mend(classic)), mend(classic));
  });
}

test('a machine that forwards and filters nothing lacks nothing', t => {
  t.deepEqual(unmet(classic, {'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth1.rp_filter': '2'}, [forward]), []);
});

test('where no answers pass, nothing of this matters', t => {
  t.deepEqual(
    unmet(oneWay, {'net.ipv4.ip_forward': '0', 'net.ipv4.conf.all.rp_filter': '1'}, [forward, invalid('FORWARD')]),
    [],
  );
});

test('a machine that does not forward is told, with the command to type', t => {
  const [first] = findUnmet(classic, facts({'net.ipv4.ip_forward': '0'}));

  t.deepEqual(first, {
    name: 'forwarding',
    weight: 'must',
    what: "net.ipv4.ip_forward is 0: the servers' answers end here",
    mend: 'sysctl -w net.ipv4.ip_forward=1',
  });
});

test('a multicast group that switches may forget is told, in either layout', t => {
  const snoopedGroup = parseIp('239.255.78.48')!;

  for (const task of [classic, oneWay]) {
    const [first] = findUnmet({...task, snoopedGroup}, facts({'net.ipv4.ip_forward': '1'}));
    t.like(first, {name: 'IGMP snooping', weight: 'should'});
    t.regex(first?.what ?? '', /^cluster\.multicast is 239\.255\.78\.48: /);
  }
});

test('a gateway of IPv6 asks for forwarding of IPv6', t => {
  const both = {...classic, gateways: [...classic.gateways, parseIp('fd00:b::254')!]};
  t.is(
    findUnmet(both, facts({'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '0'}))[0]?.mend.includes('ipv6'),
    true,
  );
});

test('the larger rp_filter of both counts', t => {
  t.deepEqual(unmet(classic, {'net.ipv4.conf.all.rp_filter': '1'}), ['reverse path']);
  t.deepEqual(unmet(classic, {'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.eth1.rp_filter': '2'}), []);
});

test('a rule that drops invalid connections is found in the forward chain, and in what it jumps to', t => {
  const [input, other] = [
    {chain: {family: 'ip', table: 'filter', name: 'INPUT', hook: 'input'}},
    {chain: {family: 'ip', table: 'filter', name: 'other'}},
  ];
  const jump = ruleOf('FORWARD', {jump: {target: 'other'}});
  t.deepEqual(unmet(classic, {}, [forward, invalid('FORWARD')]), ['connection tracking']);
  t.deepEqual(unmet(classic, {}, [forward, other, jump, invalid('other')]), ['connection tracking']);
  t.deepEqual(unmet(classic, {}, [forward, input, invalid('INPUT')]), []);
  t.deepEqual(unmet(classic, {}, [forward, invalid('FORWARD', '!=')]), []);
});

test('the same in a map of verdicts is found', t => {
  const set = [
    ['invalid', {drop: null}],
    ['established', {accept: null}],
  ];
  const mapped = {...invalid('FORWARD').rule, expr: [{vmap: {key: {ct: {key: 'state'}}, data: {set}}}]};
  t.deepEqual(unmet(classic, {}, [forward, {rule: mapped}]), ['connection tracking']);
});

test('a rule before it that accepts what net B sends mends it', t => {
  const accept = (name: string) => ({
    rule: {
      ...invalid('FORWARD').rule,
      expr: [{match: {op: '==', left: {meta: {key: 'iifname'}}, right: name}}, {counter: {packets: 0}}, {accept: null}],
    },
  });
  t.deepEqual(unmet(classic, {}, [forward, accept('eth1'), invalid('FORWARD')]), []);
  t.deepEqual(unmet(classic, {}, [forward, accept('eth0'), invalid('FORWARD')]), ['connection tracking']);
  t.deepEqual(unmet(classic, {}, [forward, invalid('FORWARD'), accept('eth1')]), ['connection tracking']);
});

test('a chain that forward does not jump to is none of it', t => {
  const [input, shared] = [
    {chain: {family: 'ip', table: 'filter', name: 'INPUT', hook: 'input'}},
    {chain: {family: 'ip', table: 'filter', name: 'shared'}},
  ];
  const jump = (from: string) => ruleOf(from, {jump: {target: 'shared'}});
  const goesThere = ruleOf('FORWARD', {
    vmap: {key: {meta: {key: 'iifname'}}, data: {set: [['eth1', {goto: {target: 'shared'}}]]}},
  });
  const rule = ruleOf('shared', ...dropInvalid);
  t.deepEqual(unmet(classic, {}, [forward, input, shared, jump('INPUT'), rule]), []);
  t.deepEqual(unmet(classic, {}, [forward, input, shared, jump('FORWARD'), rule]), ['connection tracking']);
  t.deepEqual(unmet(classic, {}, [forward, input, shared, goesThere, rule]), ['connection tracking']);
});

test('chains that jump to each other in a circle are read once', t => {
  const jumps = [ruleOf('FORWARD', {jump: {target: 'one'}}), ruleOf('one', {jump: {target: 'one'}})];
  t.deepEqual(unmet(classic, {}, [forward, ...jumps, ruleOf('one', ...dropInvalid)]), ['connection tracking']);
});

test("a rule matters that is for net B's interface, or for any", t => {
  const found = (...conditions: readonly object[]): boolean =>
    unmet(classic, {}, [forward, ruleOf('FORWARD', ...conditions, ...dropInvalid)]).length > 0;
  t.true(found(comesBy('eth1')));
  t.true(found(comesBy('eth*')));
  t.true(found(comesBy({set: ['wan0', 'eth1']})));
  t.true(found(comesBy('wan0', '!=')));
  t.true(found(comesBy('@inside')));
  t.false(found(comesBy('wan0')));
  t.false(found(comesBy('eth1', '!=')));
  t.false(found(comesBy({set: ['wan0', 'wan1']})));
});

test('what accepts all but net B, or only some of it, or for a set of unknown interfaces, mends nothing', t => {
  const found = (...rules: readonly object[]): boolean =>
    unmet(classic, {}, [forward, ...rules, ruleOf('FORWARD', ...dropInvalid)]).length > 0;
  t.true(found(ruleOf('FORWARD', comesBy('eth1', '!='), accept)));
  t.true(found(ruleOf('FORWARD', comesBy('@inside'), accept)));
  t.true(
    found(ruleOf('FORWARD', comesBy('eth1'), {match: {op: '==', left: {ct: {key: 'state'}}, right: 'new'}}, accept)),
  );
  t.false(found(ruleOf('FORWARD', comesBy({set: ['eth1', 'eth2']}), accept)));
  t.false(found(ruleOf('FORWARD', accept)));
  t.false(found(ruleOf('FORWARD', comesBy('eth1'), {jump: {target: 'mine'}}), ruleOf('mine', accept)));
});

test('bridges, and a family that has no gateway, are filtered for others', t => {
  const of = (family: string): string[] => {
    const [chain, {rule}] = [{...forward.chain, family}, ruleOf('FORWARD', ...dropInvalid)];
    return unmet(classic, {}, [{chain}, {rule: {...rule, family}}]);
  };
  t.deepEqual(of('inet'), ['connection tracking']);
  t.deepEqual(of('ip6'), []);
  t.deepEqual(of('bridge'), []);
});

test("Docker's forward policy is told", t => {
  t.deepEqual(unmet(classic, {}, [{chain: {...forward.chain, policy: 'drop'}}]), ['forward policy']);
});

test('what cannot be read is no fault', t => {
  t.deepEqual(findUnmet(classic, {setting: () => undefined, ruleset: undefined}), []);
  t.deepEqual(findUnmet(classic, {setting: () => undefined, ruleset: 'no JSON'}), []);
  t.is(readSetting('net.ipv4.conf.nobody.rp_filter'), undefined);
  t.regex(readFacts().setting('net.ipv4.conf.lo.rp_filter') ?? '', /^[012]$/);
});
