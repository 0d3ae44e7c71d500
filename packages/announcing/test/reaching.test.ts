import {type ArpFrame, broadcastMac} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {
  type Action,
  claimsOf,
  firstState,
  type Peer,
  type Settings,
  type State,
  step,
  type Tried,
  wakeAt,
} from '../src/index.ts';
import {
  acknowledgement,
  arpHeard,
  both,
  claim,
  grabbed,
  id,
  ip,
  levIp,
  macOf,
  ms,
  peer,
  question,
  router,
  routerMac,
  sent,
  settings,
  take,
  time,
  view,
  views,
} from './builders.ts';

const own = {a: ip('10.0.0.101'), b: ip('10.0.1.1')};
const server = ip('10.0.1.101');
const serverMac = '02:00:00:00:00:77' as MacAddress;

const beginAsking = (changes: Partial<Settings> = {}): State =>
  firstState(settings(changes), {a: macOf(1, 'a'), b: macOf(1, 'b')}, own);

/** Questions in our own name, in words. */
const asked = (actions: readonly Action[]): string[] =>
  sent(actions).flatMap(({destination, arp}) =>
    arp.operation === 'request' && (arp.senderIp === own.a || arp.senderIp === own.b)
      ? [`${arp.targetIp} at ${destination}`]
      : [],
  );

const answer = (from: IpAddress, fromMac: MacAddress, net: 'a' | 'b' = 'a'): ArpFrame => ({
  source: fromMac,
  destination: macOf(1, net),
  arp: {operation: 'reply', senderMac: fromMac, senderIp: from, targetMac: macOf(1, net), targetIp: own[net]},
});

type Told = {readonly at: number; readonly routers: number | undefined; readonly servers: number | undefined};

/** A leveler that hears its elector, and hosts that answer at once while they are reached. */
class Play {
  readonly told: Told[] = [];
  readonly questions: {readonly at: number; readonly text: string}[] = [];
  state: State;
  now = 0;
  peers: readonly Peer[] = both;

  constructor(state: State) {
    this.state = state;
  }

  /** @param answering addresses whose hosts answer */
  pass(ms_: number, answering: readonly IpAddress[]): this {
    for (const end = this.now + ms_; this.now < end; this.now++) {
      if (this.now % 100 === 0) {
        this.#take(view(this.now, this.peers), answering);
      }

      const wake = wakeAt(this.state);
      if (wake !== undefined && wake <= this.now) {
        this.#take(time(this.now), answering);
      }
    }

    return this;
  }

  #take(event: Parameters<typeof step>[1], answering: readonly IpAddress[]): void {
    const [next, actions] = step(this.state, event);
    this.state = next;
    for (const {kind: _, ...reached} of actions.filter(action => action.kind === 'sayReached')) {
      this.told.push({at: this.now, ...reached});
    }

    this.questions.push(...asked(actions).map(text => ({at: this.now, text})));
    for (const {arp} of sent(actions)) {
      const net = arp.senderIp === own.b ? 'b' : 'a';
      if (
        arp.operation === 'request' &&
        answering.includes(arp.targetIp) &&
        Object.values(own).includes(arp.senderIp)
      ) {
        const mac = net === 'a' ? routerMac : serverMac;
        this.#take(arpHeard(this.now, answer(arp.targetIp, mac, net), net), answering);
      }
    }
  }
}

const withServer = (): State => take(beginAsking(), {kind: 'serversChanged', at: ms(0), servers: [server]})[0];

test('routers and servers are asked at the start, and 260 ms after each answer', t => {
  const play = new Play(withServer()).pass(600, [router, server]);

  t.deepEqual(play.told.at(-1), {at: 0, routers: 1, servers: 1});
  t.deepEqual(
    play.questions.map(({at, text}) => `${at} ${text}`),
    [
      `0 ${router} at ${broadcastMac}`,
      `0 ${server} at ${broadcastMac}`,
      `260 ${router} at ${routerMac}`,
      `260 ${server} at ${serverMac}`,
      `500 ${router} at ${routerMac}`,
      `500 ${server} at ${serverMac}`,
    ],
  );
});

test('a net where nobody answers any more is told 240 ms after the first unanswered question', t => {
  const play = new Play(withServer()).pass(500, [router, server]).pass(1000, [server]);

  t.deepEqual(play.told.at(-1), {at: 740, routers: 0, servers: 1});
});

test('three questions go to a MAC address, then the segment is asked, and a second apart once it is lost', t => {
  const play = new Play(beginAsking()).pass(500, [router]).pass(2200, []);

  t.deepEqual(
    play.questions.filter(({at}) => at >= 500).map(({at, text}) => `${at} ${text.split(' ').at(-1)}`),
    [
      ...[500, 540, 580].map(at => `${at} ${routerMac}`),
      ...[620, 660, 700, 740, 1740].map(at => `${at} ${broadcastMac}`),
    ],
  );
});

test("the elector's word is an occasion to ask whoever has answered, and nobody else", t => {
  const {state} = new Play(withServer()).pass(250, [router]); // Both were asked at 240; the server, for lost, is due at 1240

  t.deepEqual(asked(take(state, view(450, both))[1]), []);
  t.deepEqual(asked(take(state, view(470, both))[1]), [`${router} at ${routerMac}`]);
  t.deepEqual(asked(take(state, view(1250, both))[1]), [`${router} at ${routerMac}`]);
});

test('one lost answer changes nothing', t => {
  const play = new Play(beginAsking()).pass(500, [router]).pass(130, []).pass(5000, [router]);

  t.deepEqual(play.told, [{at: 0, routers: 1, servers: undefined}]);
});

test('a process that is kept busy with views reads no answers, and takes nobody for lost', t => {
  const play = new Play(beginAsking()).pass(500, [router]);
  const [busy] = take(play.state, ...views(500, 3000, both));

  t.is(busy.reach.a.told, 1);
});

test('whoever is asked by all, not by us, does not show that he hears us', t => {
  const [state] = take(beginAsking(), view(0, both), arpHeard(1, question()), arpHeard(2, question({to: macOf(1)})));

  t.is(state.reach.a.told, undefined);
});

test('an answer in the name of the LevIP counts too', t => {
  const [state] = take(beginAsking(), view(0, both), arpHeard(1, acknowledgement(macOf(1))));

  t.is(state.reach.a.told, 1);
});

test('who is back counts after 2 s without a break, after 4 s the next time', t => {
  const play = new Play(beginAsking()).pass(500, [router]).pass(500, []);
  play.pass(2000, [router]).pass(900, []);
  const tooSoon = play.told.length;
  play.pass(4000, [router]);
  const first = play.told.at(-1);
  play.pass(500, []).pass(10_000, [router]);
  const [lost, second] = play.told.slice(-2);

  t.is(tooSoon, 2);
  t.is(first?.routers, 1);
  t.is(lost?.routers, 0);
  t.true((second?.at ?? 0) - (lost?.at ?? 0) > 4000, JSON.stringify(play.told));
});

test('the hold-down ends when no other leveler reaches anybody: one that flapped serves better than one that reaches nobody', t => {
  const play = new Play(beginAsking()).pass(500, [router]).pass(500, []).pass(1500, [router]);
  const held = play.told.at(-1);
  play.peers = [peer(1), peer(2, {reached: {routers: 1, servers: 0}})];
  play.pass(200, [router]);

  t.is(held?.routers, 0);
  t.deepEqual(play.told.at(-1), {at: 2500, routers: 1, servers: undefined});
});

for (const [who, changes] of [
  ['has left', {leaving: true}],
  ['is lost', {live: false}],
  ['has no link', {reachesB: false}],
] as const) {
  test(`the hold-down ends when the other leveler, which reaches all, ${who}`, t => {
    const play = new Play(beginAsking()).pass(500, [router]).pass(500, []).pass(1500, [router]);
    play.peers = [peer(1), peer(2, {reached: {routers: 1, servers: 3}, ...changes})];
    play.pass(200, [router]);

    t.is(play.told.at(-1)?.routers, 1);
  });
}

for (const [others, isOver] of [
  [1, true],
  [2, false],
  [undefined, false],
] as const) {
  test(`two servers answer one that flapped, and ${others ?? 'nobody knows how many'} the other: its hold-down ${isOver ? 'ends' : 'goes on'}`, t => {
    const servers = [server, ip('10.0.1.102')];
    const [begun] = take(beginAsking(), {kind: 'serversChanged', at: ms(0), servers});
    const play = new Play(begun)
      .pass(500, [router, ...servers])
      .pass(500, [router])
      .pass(1500, [router, ...servers]);
    play.peers = [peer(1), peer(2, {reached: {routers: 1, servers: others}})];
    play.pass(200, [router, ...servers]);

    t.is(play.told.at(-1)?.servers, isOver ? 2 : 0);
  });
}

test('after a calm minute the hold-down is short again', t => {
  const play = new Play(beginAsking()).pass(500, [router]).pass(500, []).pass(90_000, [router]);
  play.pass(500, []).pass(4000, [router]);
  const [lost, back] = play.told.slice(-2);

  t.true((back?.at ?? 0) - (lost?.at ?? 0) < 3500, JSON.stringify(play.told));
});

test('of many servers eight are asked, and it is told how many answer', t => {
  const servers = Array.from({length: 20}, (_, index) => ip(`10.0.1.${101 + index}`));
  const [begun] = take(beginAsking(), {kind: 'serversChanged', at: ms(0), servers});
  const play = new Play(begun).pass(500, servers);
  const all = play.told.at(-1)?.servers;
  play.pass(1000, servers.slice(0, 3));

  t.deepEqual([all, play.told.at(-1)?.servers], [8, 3]);
});

test('a cluster that has no servers any more reaches neither some nor none', t => {
  const play = new Play(withServer()).pass(500, [server]).pass(1000, []);
  const lost = play.told.at(-1);
  play.state = take(play.state, {kind: 'serversChanged', at: ms(play.now), servers: []})[0];
  play.pass(1500, []);

  t.is(lost?.servers, 0);
  t.is(play.told.at(-1)?.servers, undefined);
});

test('without routers in the config hosts that asked for the LevIP are asked, though they are neighbours no more', t => {
  const play = new Play(beginAsking({routers: []})).pass(500, []);
  const nobody = play.questions.length;
  play.state = take(play.state, arpHeard(play.now, question()))[0];
  play.pass(500, [router]).pass(40_000, []);

  t.is(nobody, 0);
  t.deepEqual(
    play.told.map(({routers}) => routers),
    [1, 0],
  );
  t.is(play.state.addresses[0]?.neighbours.size, 0); // The refresh after 30 s was not answered
});

for (const [what, reached] of Object.entries({
  'no router': {routers: 0, servers: 3},
  'no server': {routers: 1, servers: 0},
})) {
  test(`a holder that reaches ${what} releases, and the next one that does takes the address`, t => {
    const peers = [
      peer(1, {reached, claims: [claim({turn: 5})]}),
      peer(2, {reached: {routers: 1, servers: 3}}),
      peer(3),
    ];
    const [holding] = take(beginAsking(), view(0, [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)]));
    const [releasing] = take(holding, view(400, peers));
    const [next] = take(
      firstState(settings({self: id(2)}), {a: macOf(2, 'a'), b: macOf(2, 'b')}),
      ...views(0, 400, [peer(1, {claims: [claim({turn: 5})]}), peer(2), peer(3)]),
    );
    const [taken, actions] = take(next, view(500, peers));

    t.deepEqual(claimsOf(releasing), [claim({turn: 5, releasing: true})]);
    t.like(grabbed(actions)[0], {ip: levIp, turn: 6});
    t.true(claimsOf(taken)[0]?.holding);
  });
}

test('a holder that has reached fewer servers than another for two seconds releases', t => {
  const peers = [
    peer(1, {reached: {routers: 1, servers: 2}, claims: [claim({turn: 5})]}),
    peer(2, {reached: {routers: 1, servers: 3}}),
  ];
  const [holding] = take(beginAsking(), view(0, [peer(1, {claims: [claim({turn: 5})]}), peer(2)]));
  const [patient] = take(holding, ...views(400, 2390, peers));
  const [releasing] = take(patient, view(2400, peers));

  t.deepEqual(claimsOf(patient), [claim({turn: 5})]);
  t.deepEqual(claimsOf(releasing), [claim({turn: 5, releasing: true})]);
});

test('a server that dies, and is missed by one leveler before another, moves no address', t => {
  const peersWith = (own: number, other: number) => [
    peer(1, {reached: {routers: 1, servers: own}, claims: [claim({turn: 5})]}),
    peer(2, {reached: {routers: 1, servers: other}}),
  ];
  const began = take(beginAsking(), view(0, peersWith(3, 3)))[0];
  const died = take(began, ...views(400, 600, peersWith(2, 3)), ...views(650, 1900, peersWith(2, 2)))[0];
  const again = take(died, ...views(1950, 3900, peersWith(1, 2)))[0];

  t.deepEqual(claimsOf(again), [claim({turn: 5})]);
});

for (const [own, other] of [
  [
    {routers: 1, servers: 1},
    {routers: 0, servers: 3},
  ],
  [undefined, {routers: 1, servers: 3}],
  [{routers: 1, servers: 3}, undefined],
]) {
  test(`a holder that reaches ${say(own)} stays, though another reaches ${say(other)}`, t => {
    const before = view(0, [peer(1, {claims: [claim({turn: 5})]}), peer(2)]);
    const peers = [peer(1, {reached: own, claims: [claim({turn: 5})]}), peer(2, {reached: other})];
    const [state] = take(beginAsking(), before, ...views(400, 5000, peers));

    t.deepEqual(claimsOf(state), [claim({turn: 5})]);
  });
}

function say(reached: {readonly routers: number; readonly servers: number} | undefined): string {
  return reached === undefined ? 'nobody knows what' : `${reached.servers} servers and ${reached.routers} routers`;
}

test('where nobody reaches a router the holder stays', t => {
  const reached = {routers: 0, servers: 3};
  const peers = [peer(1, {reached, claims: [claim({turn: 5})]}), peer(2, {reached})];
  const [state] = take(beginAsking(), view(0, [peer(1, {claims: [claim({turn: 5})]}), peer(2)]), view(400, peers));

  t.deepEqual(claimsOf(state), [claim({turn: 5})]);
});

test('a holder that carries no frames releases, and the next one that does takes the address', t => {
  const claims = [claim({turn: 5})];
  const peers = [peer(1, {carries: false, claims}), peer(2, {carries: true}), peer(3)];
  const [holding] = take(beginAsking(), view(0, [peer(1, {claims}), peer(2), peer(3)]));
  const [releasing] = take(holding, view(400, peers));
  const [next] = take(
    firstState(settings({self: id(2)}), {a: macOf(2, 'a'), b: macOf(2, 'b')}),
    ...views(0, 400, [peer(1, {claims}), peer(2), peer(3)]),
  );
  const [, actions] = take(next, view(500, peers));

  t.deepEqual(claimsOf(releasing), [claim({turn: 5, releasing: true})]);
  t.like(grabbed(actions)[0], {ip: levIp, turn: 6});
});

for (const half of ['there', 'back'] as const) {
  const word = (passes: readonly number[], fails: readonly number[]): Tried => {
    const said = {passes: passes.map(id), fails: fails.map(id)};
    const nothing = {passes: [], fails: []};
    return {there: half === 'there' ? said : nothing, back: half === 'back' ? said : nothing};
  };
  const claims = [claim({turn: 5})];
  const before = view(0, [peer(1, {claims}), peer(2), peer(3)]);
  const releasing = [claim({turn: 5, releasing: true})];

  test(`a holder that pings do not get through, and through another they do, releases: ${half}`, t => {
    const peers = [peer(1, {claims}), peer(2, {tried: word([3], [1])}), peer(3)];
    const [state] = take(beginAsking(), before, view(400, peers));

    t.deepEqual(claimsOf(state), releasing);
  });

  test(`a holder stays where pings of another get through it, or through nobody else, or who says so is deaf: ${half}`, t => {
    for (const peers of [
      [peer(1, {claims}), peer(2, {tried: word([3], [1])}), peer(3, {tried: word([1], [])})],
      [peer(1, {claims}), peer(2, {tried: word([], [1])}), peer(3)],
      [peer(1, {claims}), peer(2, {tried: word([3], [1]), reached: {routers: 0, servers: 3}}), peer(3)],
      [peer(1, {claims}), peer(2, {tried: word([3], [1, 2])}), peer(3, {tried: word([1], [2])})],
    ]) {
      const [state] = take(beginAsking(), before, view(400, peers));
      t.deepEqual(claimsOf(state), claims);
    }
  });

  test(`of two, who gets no pings through the other takes over if the other gets its own through: ${half}`, t => {
    const two = [peer(1, {claims, tried: word([2], [])}), peer(2, {tried: word([], [1])})];
    const [state] = take(beginAsking(), before, view(400, two));
    t.deepEqual(claimsOf(state), releasing);

    const mutual = [peer(1, {claims, tried: word([], [2])}), peer(2, {tried: word([], [1])})];
    const [still] = take(beginAsking(), before, view(400, mutual));
    t.deepEqual(claimsOf(still), claims);
  });
}

test('where nobody carries frames nobody gives way, and who reaches nobody is no better', t => {
  const claims = [claim({turn: 5})];
  const before = view(0, [peer(1, {claims}), peer(2)]);
  const all = [peer(1, {carries: false, claims}), peer(2, {carries: false})];
  const [state] = take(beginAsking(), before, ...views(400, 5000, all));
  t.deepEqual(claimsOf(state), claims);

  const lost = {routers: 0, servers: 0};
  const poor = [
    peer(1, {carries: true, reached: lost, claims}),
    peer(2, {carries: false, reached: {routers: 1, servers: 3}}),
  ];
  const [still] = take(beginAsking(), before, ...views(400, 5000, poor));
  t.deepEqual(claimsOf(still), claims);
});
