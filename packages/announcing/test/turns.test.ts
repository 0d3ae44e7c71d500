import test from 'ava';
import {claimsOf, reportOf, type State} from '../src/index.ts';
import {
  arpHeard,
  begin,
  both,
  claim,
  counted,
  follower,
  grabbed,
  holder,
  id,
  ip,
  isHolding,
  levIp,
  ms,
  peer,
  question,
  sent,
  take,
  time,
  view,
  views,
} from './builders.ts';

test('a holder yields to a higher turn and stops its steal', t => {
  const [stealing] = take(begin(), ...views(0, 300, both));
  const [state, actions] = take(stealing, view(310, [peer(1), peer(2, {claims: [claim({turn: 2})]})]));

  t.deepEqual(claimsOf(state), [claim({turn: 2, holding: false})]);
  t.deepEqual(counted(actions), ['yields']);
  t.deepEqual(sent(take(state, time(350), arpHeard(351, question()))[1]), []);
});

test('of equal turns the lower id holds on, and tells the neighbours again', t => {
  const [state, actions] = take(holder(), view(400, [peer(1), peer(2, {claims: [claim()]})]));

  t.true(isHolding(state));
  t.deepEqual(counted(actions), ['defences']);
});

test('of equal turns the higher id yields', t => {
  const [held] = take(begin({self: id(2)}), ...views(0, 500, [peer(1), peer(2)]));
  const [state] = take(held, view(510, [peer(1, {claims: [claim()]}), peer(2)]));

  t.true(isHolding(held));
  t.false(isHolding(state));
});

test('the claim of a holder that is not live counts for the height of the next turn only', t => {
  const peers = [peer(1), peer(2, {live: false, claims: [claim({turn: 40})]})];
  const [state] = take(begin(), ...views(0, 300, peers));

  t.deepEqual(claimsOf(state), [claim({turn: 41})]);
});

test('the next in the ring takes the address when the turn has lasted for the dwell', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [early] = take(follower(2, 5000), ...views(500, 4900, peers), time(4999));
  const [state, actions] = take(early, time(5000));

  t.false(isHolding(early));
  t.deepEqual(grabbed(actions), [{kind: 'tellGrab', ip: levIp, turn: 6, reason: 'our turn'}]);
  t.true(isHolding(state));
});

test('the one after the next takes the turn a second later, if the next one does not', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];
  const [early] = take(follower(3, 5000), ...views(500, 5900, peers), time(5999));

  t.false(isHolding(early));
  t.true(isHolding(take(early, time(6000))[0]));
});

test('with dwell 0 an address stays where it is', t => {
  const peers = [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)];

  t.false(isHolding(take(follower(2, 0), ...views(500, 60_000, peers))[0]));
});

/** Leveler `self` of three 2.5 s after leveler 1 took the first of two addresses and leveler `other` the second. */
const secondOfTwo = (self: number, other: number): State => {
  const second = ip('10.0.0.201');
  const addresses = [levIp, second].map((address, index) => ({ip: address, net: 'a' as const, index}));
  const claims = [claim({turn: 5}), claim({ip: second, turn: 9})];
  const peers = [1, 2, 3].map(number =>
    peer(number, {claims: claims.filter(({turn}) => number === (turn === 5 ? 1 : other))}),
  );
  return take(begin({self: id(self), addresses, dwellMs: 5000}), ...views(0, 2500, peers))[0];
};

test('after half a dwell an address goes to its place behind the first one, so that two on one leveler part again', t => {
  t.deepEqual(
    [2, 3].map(self => claimsOf(secondOfTwo(self, 1)).map(({holding}) => holding)),
    [
      [false, true],
      [false, false],
    ],
  );
});

test('an address that is in its place behind the first one stays there', t => {
  t.deepEqual(
    reportOf(secondOfTwo(3, 2), ms(2500)).map(({holder: held}) => held),
    [id(1), id(2)],
  );
});
