import test from 'ava';
import {decodeAnswer, decodeTopic, encodeReply, encodeTopic, type Handlers} from '../src/index.ts';

test('what was left out of a message reads as its zero', t => {
  const view = decodeTopic(
    'elector.view',
    encodeTopic('elector.view', {self: 7, peers: [{id: 7, claims: [{turn: 2}]}]}),
  );

  t.is(view.self, 7);
  t.is(view.term, 0);
  t.false(view.mayForward);
  t.is(view.peers[0]?.netAMac.length, 0);
  t.is(view.peers[0]?.claims[0]?.turn, 2);
  t.falsy(view.peers[0]?.version);
});

test('an answer says which answer it is', t => {
  const answer = decodeAnswer('admin.ask', encodeReply('admin.ask', {command: {changes: ['a', 'b']}}));

  t.is(answer.answer, 'command');
  t.deepEqual(answer.command?.changes, ['a', 'b']);
});

for (const bytes of [[0x08], [0x0a, 0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]) {
  test(`bytes ${bytes.join(' ')} are no message`, t => {
    t.throws(() => decodeTopic('elector.view', Uint8Array.from(bytes)));
  });
}

test('a process must hear all that is said to it', t => {
  const handlers: Handlers<'elector'> = {
    'announcer.probed': () => {},
    'announcer.claims': () => {},
    'forwarder.applied': () => {},
  };

  t.deepEqual(Object.keys(handlers).sort(), ['announcer.claims', 'announcer.probed', 'forwarder.applied']);
});
