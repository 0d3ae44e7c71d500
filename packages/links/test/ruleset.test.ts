import test from 'ava';
import {hidesStates, tellStates} from '../src/ruleset.ts';

const ruleOf = (handle: number, ...expr: readonly object[]) => ({
  rule: {family: 'ip', table: 'filter', chain: 'FORWARD', handle, expr},
});
const drop = [{counter: {packets: 0, bytes: 0}}, {drop: null}];
const hidden = {xt: {type: 'match', name: 'conntrack'}};
const print = (...rules: readonly object[]): string => JSON.stringify({nftables: rules});

/** As nft 1.0.6 of Debian 12 prints what iptables 1.8.9 has made. */
const text = `table ip nat { # handle 7
	chain OTHER { # handle 1
		ct state new counter packets 0 bytes 0 drop # handle 2
	}
}
table ip filter { # handle 1
	chain FORWARD { # handle 1
		type filter hook forward priority filter; policy accept;
		ct state invalid,untracked counter packets 0 bytes 0 drop # handle 2
		ct state ! invalid counter packets 0 bytes 0 drop # handle 3
		 counter packets 0 bytes 0 drop # handle 4
	}
}`;

test("the states of iptables' rules are told from what nft prints for people", t => {
  const told = JSON.parse(tellStates(print(ruleOf(2, hidden, ...drop)), text)) as unknown;

  t.deepEqual(told, {
    nftables: [
      ruleOf(2, {match: {op: 'in', left: {ct: {key: 'state'}}, right: {set: ['invalid', 'untracked']}}}, ...drop),
    ],
  });
});

test('what is not printed, or is the opposite, stays as it was', t => {
  const [opposite, unknown] = [ruleOf(3, hidden, ...drop), ruleOf(4, hidden, ...drop)];

  t.deepEqual(JSON.parse(tellStates(print(opposite, unknown), text)), {nftables: [opposite, unknown]});
});

test("only rulesets with iptables' rules on connections hide states", t => {
  t.true(hidesStates('{"nftables": [{"rule": {"expr": [{"xt": {"type": "match", "name": "conntrack"}}]}}]}'));
  t.true(hidesStates(print(ruleOf(2, {xt: {type: 'match', name: 'state'}}))));
  t.false(hidesStates(print(ruleOf(2, {xt: {type: 'match', name: 'comment'}}), ruleOf(3, ...drop))));
});
