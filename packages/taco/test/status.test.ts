import {stripVTControlCharacters} from 'node:util';
import test from 'ava';
import {printStatus} from '../src/print-status.ts';
import {schemas} from '../src/schemas.ts';
import {describeStatus} from '../src/status-document.ts';
import {colouredStyle, plainStyle} from '../src/text.ts';
import {healthy, received, unheard, version} from './sample-status.ts';

type Status = Parameters<typeof received>[0];

const [first, second] = healthy.view.peers;
const [server1, server2] = healthy.forwarder.servers;
const describe = (changes: Status = {}) => describeStatus(received({...healthy, ...changes}));

test('a healthy cluster fits on one screen', t => {
  t.is(
    printStatus(describe(), plainStyle),
    `Clients are served: pings get through leveler1 to servers
Cluster demo, seen by leveler1
Leader leveler0, term 3
Version 3.7, all levelers agree (digest 1a2b3c4d)
Majority: 2 of 2 levelers heard, 2 needed; if one more fails, nothing can be changed

Levelers
  NAME             ID  ADDRESS   STATE  ROLE      VERSION  HOLDS       LAST BEAT
  leveler0          1  10.0.1.1  live   leader    3.7      -               12 ms
  leveler1 (here)   2  10.0.1.2  live   follower  3.7      10.0.0.200       0 ms

Who hears whom: rows hear columns, by ID, on nets A and B
  HEARS      1   2
  leveler0   .  AB
  leveler1  AB   .

Addresses
  ADDRESS     KIND   HOLDER    SINCE
  10.0.0.200  LevIP  leveler1  8.0 s

Services
  SERVICE            GROUP    AFFINITY  PACKETS       BYTES
  10.0.1.200:80/tcp  default  flow      183,156  18,315,600

Servers
  NAME  ADDRESS     GROUP    STATE  WEIGHT    BINS  PACKETS  MAC                LAST ANSWER
  s1    10.0.1.101  default  ready       1  32,768   32,327  02:00:00:00:00:01       900 ms
  s2    10.0.1.102  default  ready       1  32,768  150,829  02:00:00:00:00:02        1.2 s

Engine
  cap (auto: the only one there is), a0 to b0, follows version 3.7, forwards

Processes
  NAME             LAST HEARD
  elector               80 ms
  frame-forwarder       80 ms
  arp-announcer         80 ms
  admin-broker          80 ms

Counters
  REASON                COUNT
  frame not-ours           12
  arp request-answered      3

All is well.`,
  );
});

for (const [words, changes] of [
  ['Clients are served: pings get through leveler1 to servers', {}],
  ['Nothing is served: there is no service', {state: {...healthy.state, services: []}}],
  [
    'Clients may not be served: pings do not get through leveler1 to servers',
    {view: {...healthy.view, peers: [{...first, tried: {thereFails: [2]}}, second]}},
  ],
  [
    'Not known whether clients are served: there is no other leveler to try this one',
    {view: {...healthy.view, peers: [{...first, live: false}, second]}},
  ],
  [
    'Not known whether clients are served: no ping to a service has come back yet; servers may answer none, or not through a gateway of levelers',
    {
      view: {
        ...healthy.view,
        peers: [
          {...first, tried: undefined},
          {...second, tried: undefined},
        ],
      },
    },
  ],
] as const) {
  test(`the first line: ${words}`, t => {
    const shown = printStatus(describe(changes as Status), plainStyle);

    t.is(shown.split('\n')[0], words);
    t.is(shown.includes('All is well'), words.startsWith('Clients are served'));
  });
}

test('colours change nothing but colours', t => {
  const document = describe();

  const coloured = printStatus(document, colouredStyle);

  t.true(coloured.includes('\u001B['));
  t.is(stripVTControlCharacters(coloured), printStatus(document, plainStyle));
});

test('a broker that has heard nobody gives a document of its schema, and says what to do', t => {
  const document = describeStatus(received(unheard));

  t.notThrows(() => schemas['taco-status'].parse(document));
  t.is(
    printStatus(document, plainStyle).split('\n').slice(-6).join('\n'),
    `! elector has not been heard since admin-broker started
  taco logs elector
! frame-forwarder has not been heard since admin-broker started
  taco logs frame-forwarder
! arp-announcer has not been heard since admin-broker started
  taco logs arp-announcer`,
  );
});

test('a name from the wire cannot steer the terminal', t => {
  const text = printStatus(describe({cluster: 'demo\u001B[2J\u202E'}), colouredStyle);

  t.true(text.includes('Cluster demo\\u{1b}[2J\\u{202e}'));
});

/** Leveler0 has not been heard for four seconds. */
const withoutFirst = {
  ...healthy.view,
  peers: [{...first, live: false, silenceAMs: 4000, silenceBMs: 4000}, second],
};

const troubles: Readonly<Record<string, {readonly status: Status; readonly what: string}>> = {
  'a silent process': {
    status: {processes: [{name: 'arp-announcer', silenceMs: 12_000}]},
    what: 'arp-announcer has been silent for 12 s',
  },
  'no leader': {
    status: {view: {...healthy.view, leader: 0, hasMajority: false, peers: [{...first, live: false}, second]}},
    what: 'no majority: 1 of 2 levelers is heard, 2 are needed; traffic is served by the state in force, nothing can be changed',
  },
  'a leveler that may not forward': {
    status: {view: {...healthy.view, mayForward: false}},
    what: 'majority: 2 of 2 levelers heard, 2 needed; this leveler forwards nothing until it is level with the leader',
  },
  'a suspect leveler': {
    status: {view: withoutFirst},
    what: 'leveler leveler0 has not been heard for 4.0 s',
  },
  'a missing leveler and an unknown key': {
    status: {view: {...withoutFirst, losses: [{name: 'unknown-key', value: 1234}]}},
    what: 'datagrams signed with a key that this leveler does not have, dropped since the elector started: 1,234',
  },
  'a missing leveler and a cluster of another name': {
    status: {view: {...withoutFirst, losses: [{name: 'wrong-cluster', value: 7}]}},
    what: 'datagrams of a cluster of another name with the same key, dropped since the elector started: 7',
  },
  'a missing leveler and exchanged nets': {
    status: {view: {...withoutFirst, losses: [{name: 'wrong-net', value: 7}]}},
    what: 'datagrams made for the other net, dropped since the elector started: 7',
  },
  'a missing leveler and another protocol': {
    status: {view: {...withoutFirst, losses: [{name: 'other-protocol', value: 7}]}},
    what: 'datagrams of software that speaks another form of the protocol, dropped since the elector started: 7',
  },
  'a leveler that does not hear us': {
    status: {view: {...healthy.view, peers: [{...first, live: false}, second]}},
    what: 'leveler leveler0 is heard, but does not hear this one',
  },
  'a leveler that has lost its majority and forwards nothing': {
    status: {view: {...healthy.view, hasMajority: false, mayForward: false, peers: [{...first, live: false}, second]}},
    what: 'no majority: 1 of 2 levelers is heard, 2 are needed; this leveler is frozen: it forwards nothing, and nothing can be changed',
  },
  'a caretaker': {
    status: {view: {...healthy.view, hasMajority: false, caretaking: 2, peers: [{...first, live: false}, second]}},
    what: 'no majority: 1 of 2 levelers is heard, 2 are needed; nobody else serves, so this leveler does, as a caretaker, by the state in force; nothing can be changed',
  },
  'a leveler that stopped for others': {
    status: {
      view: {
        ...healthy.view,
        hasMajority: false,
        mayForward: false,
        caretaking: 3,
        servedBy: 1,
        peers: [{...first, live: false}, second],
      },
    },
    what: 'no majority: 1 of 2 levelers is heard, 2 are needed; others serve: this leveler forwards nothing, and nothing can be changed here',
  },
  'an election': {
    status: {view: {...healthy.view, leader: 0}},
    what: 'majority: 2 of 2 levelers heard, 2 needed; traffic is served, changes wait for an election',
  },
  'a net that carries one way only': {
    status: {view: {...healthy.view, peers: [{...first, hears: [{id: 2, onA: true, onB: false}]}, second]}},
    what: 'leveler leveler0 does not hear leveler1 on net B, though leveler1 hears it',
  },
  'a net that is cut between two': {
    status: {
      view: {
        ...healthy.view,
        peers: [
          {...first, hears: [{id: 2, onA: true, onB: false}]},
          {...second, hears: [{id: 1, onA: true, onB: false}]},
        ],
      },
    },
    what: 'levelers leveler0 and leveler1 do not hear each other on net B',
  },
  'a link that is down': {
    status: {view: {...healthy.view, peers: [{...first, reachesA: false}, second]}},
    what: 'leveler leveler0 has no link on net A',
  },
  'a leveler that reaches no router': {
    status: {view: {...healthy.view, peers: [{...first, reached: {routersPlusOne: 1, serversPlusOne: 3}}, second]}},
    what: 'no router answers leveler leveler0 on net A: shared addresses go to levelers that reach one',
  },
  'a leveler that reaches few servers': {
    status: {
      view: {
        ...healthy.view,
        peers: [
          {...first, reached: {routersPlusOne: 2, serversPlusOne: 2}},
          {...second, reached: {routersPlusOne: 2, serversPlusOne: 4}},
        ],
      },
    },
    what: 'only one server answers leveler leveler0 on net B: shared addresses go to levelers that reach 3',
  },
  'a leveler that carries nothing': {
    status: {
      view: {...healthy.view, peers: [{...first, carrying: {whyNot: 'frame-forwarder is silent', sinceS: 60}}, second]},
    },
    what: 'leveler leveler0 has carried no frames since 1970-01-01T00:01:00.000Z: frame-forwarder is silent; shared addresses go to others',
  },
  'a leveler that pings do not get through': {
    status: {
      view: {...healthy.view, peers: [{...first, tried: {therePasses: [1], thereFails: [2]}}, second]},
    },
    what: 'pings do not get through leveler leveler1 to servers, and do through others: shared addresses go to those',
  },
  'a leveler that answers no ARP': {
    status: {
      view: {...healthy.view, peers: [{...first, carrying: {whyNot: 'arp-announcer is silent', sinceS: 60}}, second]},
    },
    what: 'leveler leveler0 has answered no ARP since 1970-01-01T00:01:00.000Z: arp-announcer is silent; shared addresses go to others',
  },
  'levelers that all carry nothing': {
    status: {
      view: {
        ...healthy.view,
        peers: [first, second].map(peer => ({...peer, carrying: {whyNot: 'eth0 is gone', sinceS: 0}})),
      },
    },
    what: 'leveler leveler0 has carried no frames since 1970-01-01T00:00:00.000Z: eth0 is gone; nobody is left who carries them',
  },
  'a leveler whose disk is full': {
    status: {view: {...healthy.view, peers: [{...first, diskFault: 'state.pb: ENOSPC'}, second]}},
    what: 'leveler leveler0 cannot write to its disk: state.pb: ENOSPC; it does not count for changes, or for votes',
  },
  'servers that nobody reaches': {
    status: {
      view: {
        ...healthy.view,
        peers: [first, second].map(peer => ({...peer, reached: {routersPlusOne: 2, serversPlusOne: 1}})),
      },
    },
    what: 'no server answers any leveler on net B',
  },
  'another config': {
    status: {view: {...healthy.view, peers: [{...first, configDigest: new Uint8Array(8)}, second]}},
    what: 'leveler leveler0 has another config than this one',
  },
  'another version of the software': {
    status: {view: {...healthy.view, peers: [{...first, software: '0.2.0'}, second]}},
    what: 'leveler leveler0 runs version 0.2.0, this one 0.1.0',
  },
  'a leveler that leaves': {
    status: {view: {...healthy.view, peers: [{...first, leaving: true}, second]}},
    what: 'leveler leveler0 leaves: it takes no shared address',
  },
  'a leveler of another version': {
    status: {view: {...healthy.view, peers: [{...first, version: version(6), digest: new Uint8Array(8)}, second]}},
    what: 'leveler leveler0 has version 3.6, this one 3.7',
  },
  'a halted engine': {
    status: {forwarder: {...healthy.forwarder, haltedBecause: 'the lease is over'}},
    what: 'frame-forwarder forwards nothing: the lease is over',
  },
  'a data path that lags': {
    status: {forwarder: {...healthy.forwarder, version: version(6), digest: new Uint8Array(8)}},
    what: 'the data path follows version 3.6, the cluster is at 3.7',
  },
  'a LevIP that nobody holds': {
    status: {announcer: {addresses: [{...healthy.announcer.addresses[0], holder: 0}]}},
    what: 'nobody holds LevIP 10.0.0.200',
  },
  'a stranger': {
    status: {announcer: {addresses: [{...healthy.announcer.addresses[0], strangers: ['02:00:00:00:00:99']}]}},
    what: '02:00:00:00:00:99 answers for 10.0.0.200 too',
  },
  'a server that never answered': {
    status: {forwarder: {...healthy.forwarder, servers: [server1, {...server2, mac: new Uint8Array(0)}]}},
    what: 'server s2 (10.0.1.102) has never answered here: what its 32768 bins get is lost',
  },
  'a server that is at two MAC addresses': {
    status: {
      forwarder: {
        ...healthy.forwarder,
        servers: [server1, {...server2, otherMac: Uint8Array.of(2, 0, 0, 0, 0, 0x66)}],
      },
    },
    what: 's2 is at two MAC addresses: 02:00:00:00:00:02, which answers and gets its traffic, and 02:00:00:00:00:66',
  },
  'a server that answers no more': {
    status: {forwarder: {...healthy.forwarder, servers: [server1, {...server2, silenceMs: 61_000}]}},
    what: 'server s2 (10.0.1.102) has not answered for 61 s',
  },
  'a service whose servers get nothing': {
    status: {
      state: {...healthy.state, servers: [{...healthy.state.servers[0], weight: 0}]},
      bins: [],
    },
    what: 'service 10.0.1.200 has no server: group default has none that is ready and has a weight',
  },
};

for (const [title, {status, what}] of Object.entries(troubles)) {
  test(`the status warns of ${title}, and says what to do`, t => {
    const document = describe(status);

    t.notThrows(() => schemas['taco-status'].parse(document));
    t.true(
      document.warnings.some(warning => warning.what === what && warning.advice.length > 10),
      JSON.stringify(document.warnings),
    );
  });
}

const strangers = [{name: 'unknown-key', value: 1234}];
const missing: Readonly<Record<string, {readonly view: Status['view']; readonly isTold: boolean}>> = {
  'where all are heard': {view: healthy.view, isTold: false},
  'where a member is not heard': {view: withoutFirst, isTold: true},
  'where one is heard that hears nobody': {
    view: {...healthy.view, peers: [{...first, live: false}, second]},
    isTold: false,
  },
  'to a newcomer': {view: {...healthy.view, peers: [first, {...second, member: false}]}, isTold: true},
};

for (const [where, {view, isTold}] of Object.entries(missing)) {
  test(`dropped datagrams are ${isTold ? '' : 'not '}warned of ${where}`, t => {
    const {warnings} = describe({view: {...view, losses: strangers}});

    t.is(
      warnings.some(({what}) => what.includes('dropped since')),
      isTold,
      JSON.stringify(warnings),
    );
  });
}

test('who answers for a shared address may be a leveler that is missed: nothing is to be taken away from that', t => {
  const {warnings} = describe({
    view: withoutFirst,
    announcer: {addresses: [{...healthy.announcer.addresses[0], strangers: ['02:00:00:00:00:99']}]},
  });

  t.like(
    warnings.find(({what}) => what.includes('answers for')),
    {
      advice: 'unless it is leveler0: find the machine with that MAC address and take 10.0.0.200 away from it',
    },
  );
});

test('a leveler that was never heard has no address, and the document says null', t => {
  const never = 4_294_967_295;
  const stranger = {id: 3, name: 'leveler2', member: true, silenceAMs: never, silenceBMs: never};
  const {levelers, agree} = describe({view: {...healthy.view, peers: [...healthy.view.peers, stranger]}});

  t.like(levelers[2], {
    name: 'leveler2',
    address: null,
    state: 'suspect',
    version: null,
    digest: null,
    silenceMs: null,
  });
  t.true(agree, 'only the live ones must agree');
});

test("the servers' packets sum to the service's", t => {
  const {servers, services} = describe();

  t.is(
    servers.reduce((sum, {packets}) => sum + (packets ?? 0), 0),
    services[0]?.packets ?? -1,
  );
});

test('on a narrow terminal the less important columns are left out', t => {
  const text = printStatus(describe(), {...plainStyle, width: 60});
  const table = text.split('\n').filter(line => line.startsWith('  '));

  t.true(
    table.every(line => line.length <= 60 || line.startsWith('  cap')),
    text,
  );
  t.regex(text, /^ {2}NAME +ADDRESS +GROUP +STATE +WEIGHT +BINS +PACKETS$/m);
  t.regex(text, /^ {2}NAME +ID +ADDRESS +STATE +ROLE +HOLDS$/m);
});
