import type {Proof} from './fault.ts';

/** Tests that prove what cases of the catalogue do, by what they show. */

const datagramClasses: Proof = {
  file: 'packages/elector/test/keys.e2e.test.ts',
  title: 'each kind of datagram that must not count is counted in its class, and changes nothing',
};

const noise: Proof = {file: 'e2e/test/operators.ts', title: 'datagrams without a signature change nothing'};

const stateFile = (title: string): Proof => ({file: 'packages/elector/test/disk.test.ts', title});

const caretaker = (title: string): Proof => ({file: 'e2e/test/caretaker.ts', title});

const floodGate: Proof = {
  file: 'packages/capture/test/flood-gate.test.ts',
  title: 'a flood of broadcasts leaves what is sent to us alone',
};

const socketTest = (title: string): Proof => ({file: 'packages/bus/test/faults.test.ts', title});

const weather: Proof = {
  file: 'packages/simulation/test/run-seed.test.ts',
  title: 'two hundred clusters live through trouble and break no invariant',
};

export const proofs = {
  freezes: [{row: 7, case: '60 s'}],
  beatsAloneCutBetweenTwo: [caretaker('they do not hear each other, and net A shows who serves')],
  jitter: [{row: 21, case: 'reordered within 500 ms'}, weather],
  otherKey: [{row: 27, case: 'other name'}, datagramClasses],
  noise: [noise, datagramClasses],
  badMac: [{row: 30, case: 'wrong HMAC'}, datagramClasses],
  unknownKey: [datagramClasses],
  spoiltState: [{row: 35, case: 'torn'}, stateFile('are told in one line each and not used')],
  laterState: [{row: 35, case: 'torn'}, stateFile('a state of a later form is told as such')],
  foreignState: [{row: 35, case: 'torn'}, stateFile('the state of another cluster, and the vote of another leveler')],
  oneFullDisk: [
    {row: 55, case: 'all are full'},
    {row: 36, case: 'disk full'},
  ],
  forgedTenTimes: [{row: 56, case: '10 a second'}],
  claimedTenTimes: [{row: 59, case: '10 a second'}],
  outbid: [
    {
      file: 'packages/announcing/test/strangers.test.ts',
      title: 'a stranger that claims the address is told once, and answered at most forty times a second',
    },
  ],
  longHangs: [{row: 47, case: 'hung for 5 s'}],
  hungElector: [
    {row: 7, case: '60 s'},
    {row: 8, case: ''},
  ],
  hungAnnouncer: [{row: 48, case: 'arp-announcer for 5 s'}],
  hungBroker: [
    {
      file: 'e2e/src/faults.ts',
      title: 'killed on the holder is restarted and caught up, and the other processes do not notice',
    },
  ],
  largeQuestion: [socketTest('who sends more than a question may be is cut off before it is read, and the others are')],
  unreadAnswers: [socketTest('who reads no answers is answered no more, and the others are')],
  macOfNetB: [
    {row: 49, case: 'net A'},
    {
      file: 'packages/links/test/link-table.test.ts',
      title: 'another MAC address of a link that is up is told as up once more',
    },
  ],
  invalidDropped: [
    {row: 51, case: 'ip_forward 0'},
    {
      file: 'packages/links/test/requirements.test.ts',
      title: 'a rule that drops invalid connections is found in the forward chain, and in what it jumps to',
    },
  ],
  arpStorms: [
    floodGate,
    {
      file: 'packages/capture/test/capture.e2e.test.ts',
      title: 'in a flood the event loop turns, and what is sent to us alone is heard',
    },
  ],
  keptPort: [
    {
      file: 'packages/links/test/multicast-socket.e2e.test.ts',
      title: 'nobody else can bind the port, and what is sent still comes',
    },
  ],
  forgedFlood: [
    {
      file: 'packages/elector/test/flood-gate.test.ts',
      title: 'a flood on one net takes nothing from the other, even with a known address and a fitting head',
    },
  ],
  wrongServers: [
    {
      file: 'packages/taco/test/taco.test.ts',
      title: 'an address that something else has is refused with the reason, and where there is a doubt force decides',
    },
    {file: 'packages/admin-broker/test/find-server.test.ts', title: 'does not answer ARP on net B'},
  ],
  busyProcessors: [{row: 38, case: 'eight that never wait'}],
} as const satisfies Readonly<Record<string, readonly Proof[]>>;
