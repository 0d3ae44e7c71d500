import {WorldError} from '@tacoplex/errors';
import {type Asked, decodeAnswer, encodeReply, type Reply} from '@tacoplex/messages';
import test from 'ava';
import {answerDrain, type DrainParts} from '../src/answer-drain.ts';

type Left = Reply<'elector.leave'>;
type Gone = Reply<'forwarder.uninstall'>;
type Drain = NonNullable<Asked<'admin.ask'>['drain']>;

const levIp = Buffer.of(10, 0, 0, 200);
const gone: Gone = {engine: 'xdp', interface: 'eth0'};
const asked = (changes: Partial<Drain> = {}): Drain => ({
  name: '',
  uninstall: true,
  force: false,
  uid: 1000,
  undo: false,
  ...changes,
});

/** A leveler whose elector and frame-forwarder answer as given, and what was asked of them in which order. */
const open = (left: Left = {}, uninstalled: Gone = gone) => {
  const steps: string[] = [];
  const parts: DrainParts = {
    name: 'leveler0',
    idOf: name => ({leveler0: 1, leveler1: 2})[name],
    async askElector({leveler, stay, force}) {
      const whom = leveler === 0 ? '' : ` ${leveler}`;
      steps.push(`${stay ? 'stay' : force ? 'leave anyway' : 'leave'}${whom}`);
      return decodeAnswer('elector.leave', encodeReply('elector.leave', left));
    },
    async askForwarder() {
      steps.push('uninstall');
      return decodeAnswer('forwarder.uninstall', encodeReply('forwarder.uninstall', uninstalled));
    },
    async settle() {
      steps.push('settle');
    },
  };
  return {parts, steps};
};

test('the data path goes when the leveler has left and all have heard who serves now', async t => {
  const {parts, steps} = open();

  t.like(await answerDrain(asked(), parts), {drain: {name: 'leveler0', held: [], uninstalled: gone}});
  t.deepEqual(steps, ['leave', 'settle', 'uninstall']);
});

test('without --uninstall the data path is left alone', async t => {
  const {parts, steps} = open();

  t.deepEqual(await answerDrain(asked({uninstall: false, name: 'leveler0'}), parts), {
    drain: {name: 'leveler0', held: []},
  });
  t.deepEqual(steps, ['leave']);
});

test('another leveler is drained through the elector, but its data path stays', async t => {
  const {parts, steps} = open();

  t.deepEqual(await answerDrain(asked({name: 'leveler1', uninstall: false}), parts), {
    drain: {name: 'leveler1', held: []},
  });
  t.deepEqual(await answerDrain(asked({name: 'leveler1'}), parts), {
    refusal: 'this is leveler leveler0: the data path of leveler1 is uninstalled on leveler1 itself',
    advice: 'on leveler1: taco leveler drain leveler1 --uninstall; without --uninstall it can be drained from here',
  });
  t.deepEqual(steps, ['leave 2']);
});

test('who does not exist is not drained', async t => {
  const {parts, steps} = open();

  t.deepEqual(await answerDrain(asked({name: 'leveler9', uninstall: false}), parts), {
    refusal: 'there is no leveler leveler9',
    advice: 'taco leveler list shows the levelers there are',
  });
  t.deepEqual(steps, []);
});

test('a leveler that is to stay keeps its data path and what it holds', async t => {
  const {parts, steps} = open({held: [levIp]});

  t.deepEqual(await answerDrain(asked({undo: true}), parts), {drain: {name: 'leveler0', held: [levIp]}});
  t.deepEqual(steps, ['stay']);
});

test('nothing is done if the data path could not be uninstalled afterwards', async t => {
  const {parts, steps} = open();

  const {refusal} = await answerDrain(asked(), {...parts, askForwarder: undefined});

  t.regex(refusal ?? '', /^frame-forwarder is silent: .* nothing was done$/);
  t.deepEqual(steps, []);
});

test('what the elector refuses is refused', async t => {
  const {parts, steps} = open({refusal: 'no other leveler could take over', advice: '--force'});

  t.deepEqual(await answerDrain(asked(), parts), {
    refusal: 'no other leveler could take over',
    advice: '--force',
  });
  t.deepEqual(steps, ['leave']);
});

test('a data path that still serves an address stays', async t => {
  const {parts, steps} = open({held: [levIp]});

  const {refusal, advice} = await answerDrain(asked(), parts);

  t.is(refusal, 'leveler leveler0 leaves, but nobody has taken 10.0.0.200 yet: it goes on serving');
  t.is(advice, 'look with taco status, then repeat; --force uninstalls nevertheless');
  t.deepEqual(steps, ['leave']);
});

test('it goes all the same if that is forced', async t => {
  const {parts, steps} = open({held: [levIp]});

  t.like(await answerDrain(asked({force: true}), parts), {drain: {held: [levIp], uninstalled: gone}});
  t.deepEqual(steps, ['leave anyway', 'settle', 'uninstall']);
});

test('a data path that the kernel does not let go is told', async t => {
  const {parts} = open({}, {refusal: 'cannot detach the program: EPERM'});

  const {refusal} = await answerDrain(asked(), parts);

  t.is(refusal, 'leveler leveler0 leaves, but its data path stays: cannot detach the program: EPERM');
});

test('a process that gives no answer is told', async t => {
  const {parts} = open();
  const silent = async (): Promise<never> => {
    throw new WorldError('no answer', {code: 'NO_ANSWER', endpoint: 'test'});
  };

  t.is((await answerDrain(asked(), {...parts, askElector: silent})).refusal, 'the elector gave no answer');
  t.regex(
    (await answerDrain(asked(), {...parts, askForwarder: silent})).refusal ?? '',
    /frame-forwarder gave no answer$/,
  );
});
