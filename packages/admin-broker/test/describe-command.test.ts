import {type Asked, decodeQuestion, encodeQuestion, type Question} from '@tacoplex/messages';
import test from 'ava';
import {describeCommand} from '../src/describe-command.ts';

const address = Uint8Array.of(10, 0, 1, 200);
const operations: Readonly<Record<string, NonNullable<Question<'elector.command'>['command']>>> = {
  'add server s1 10.0.1.200 group=web weight=2': {addServer: {name: 's1', address, group: 'web', weight: 2}},
  'remove server s1': {removeServer: {name: 's1'}},
  'set weight of server s1 weight=0': {setWeight: {name: 's1'}},
  'add service 10.0.1.200 port=80 protocol=tcp': {addService: {address, port: 80, protocol: 6}},
  'remove service 10.0.1.200 port=0 protocol=any': {removeService: {address}},
  'add group web': {addGroup: {name: 'web'}},
  'remove group web': {removeGroup: {name: 'web'}},
  'announce leveler leveler3 id=4': {announceMember: {id: 4, name: 'leveler3'}},
  'add leveler leveler2 id=3': {addMember: {id: 3, name: 'leveler2'}},
  'remove leveler id=3': {removeMember: {id: 3}},
};

for (const [words, operation] of Object.entries(operations)) {
  test(`a command reads in the log: ${words}`, t => {
    const decoded: Asked<'elector.command'> = decodeQuestion(
      'elector.command',
      encodeQuestion('elector.command', {command: operation}),
    );

    t.is(describeCommand(decoded.command!), words);
  });
}
