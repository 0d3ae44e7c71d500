import {tacoplex} from '@tacoplex/messages';
import {HandClock, MemoryNetwork} from '@tacoplex/testkit';
import {ipToBytes} from '@tacoplex/vocabulary';
import test from 'ava';
import {knownNetwork} from '../src/known-network.ts';
import {type LastWords, readState} from '../src/last-words.ts';
import {ip, nets} from './nets.ts';

const {ClusterState} = tacoplex.state.v1;

/** What a broker keeps of one view and one state. */
const hear = (
  peers: readonly {id: number; name: string; member?: boolean; live?: boolean; witness?: boolean}[],
): LastWords => {
  const network = new MemoryNetwork();
  const at = new HandClock().now();
  let words: LastWords = {};
  network.createPort('admin-broker').hear({
    'elector.view': message => {
      words = {...words, 'elector.view': {message, at}};
    },
    'elector.state': message => {
      words = {...words, 'elector.state': {message: readState(message), at}};
    },
    'announcer.status': () => {},
    'forwarder.status': () => {},
  });
  const elector = network.createPort('elector');
  elector.say('elector.view', {
    self: 1,
    peers: peers.map(peer => ({
      ...peer,
      netAAddress: ipToBytes(ip(`10.0.0.${100 + peer.id}`)),
      netBAddress: ipToBytes(ip(`10.0.1.${peer.id}`)),
    })),
  });
  const state = {
    members: [
      {id: 1, name: 'leveler0'},
      {id: 3, name: 'leveler2'},
    ],
    outsiders: [
      {id: 4, name: 'leveler3', removed: true},
      {id: 5, name: 'leveler4'},
    ],
  };
  elector.say('elector.state', {state: ClusterState.encode(state).finish(), digest: new Uint8Array(8)});
  network.settle();
  return words;
};

test('levelers are known by what they say, members and announced ones that are silent by their number', t => {
  const lastWords = hear([
    {id: 1, name: 'leveler0', member: true, live: true},
    {id: 2, name: 'witness0', member: true, witness: true},
  ]);

  const {levelers} = knownNetwork(nets, lastWords, [ip('192.0.2.50')]);

  t.deepEqual(
    levelers.map(({name, isWitness, addresses}) => [name, isWitness, [...new Set(addresses)].join(' ')]),
    [
      ['leveler0', false, '10.0.0.101 10.0.1.1 192.0.2.50'],
      ['witness0', true, '10.0.0.102 10.0.1.2'],
      ['leveler2', false, '10.0.1.3'],
      ['leveler4', false, '10.0.1.5'],
    ],
  );
});

test('who was removed has its address for as long as it is heard', t => {
  const names = (live: boolean) =>
    knownNetwork(nets, hear([{id: 4, name: 'leveler3', live}]), []).levelers.map(({name}) => name);

  t.true(names(true).includes('leveler3'));
  t.false(names(false).includes('leveler3'));
});

test('before anything was heard the config is all that is known', t => {
  t.deepEqual(knownNetwork(nets, {}, [ip('192.0.2.50')]), {...nets, levelers: []});
});
