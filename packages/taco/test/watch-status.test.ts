import test from 'ava';
import {Refusal} from '../src/refusals.ts';
import type {StatusDocument} from '../src/schemas.ts';
import {describeStatus} from '../src/status-document.ts';
import {watchStatus} from '../src/watch-status.ts';
import {healthy, received} from './sample-status.ts';

const document = describeStatus(received(healthy));
const refusal = (what: string): Refusal => new Refusal(what, 'look at its log');

/** Watch what is answered by turns, until that is all. @returns what was done, in order */
const watch = async (...answers: (StatusDocument | Error)[]): Promise<string[]> => {
  const stop = new AbortController();
  const deeds: string[] = [];
  await watchStatus({
    async ask() {
      deeds.push('ask');
      const answer = answers.shift();
      if (answer === undefined) {
        stop.abort();
        return document;
      }

      await Promise.resolve(); // Nobody may ask in the meantime
      deeds.push('told');
      if (answer instanceof Error) {
        throw answer;
      }

      return answer;
    },
    show: ({version}) => deeds.push(`show ${version}`),
    async complain({message}) {
      deeds.push(`complain: ${message}`);
    },
    rest: async () => deeds.push('rest'),
    signal: stop.signal,
  });
  return deeds;
};

test('each question is asked after the last was answered and a rest', async t => {
  t.deepEqual(await watch(document, {...document, version: '3.8'}), [
    'ask',
    'told',
    'show 3.7',
    'rest',
    'ask',
    'told',
    'show 3.8',
    'rest',
    'ask',
  ]);
});

test('no answer is no end: why is said once, again when it changes, and again after an answer', async t => {
  const deeds = await watch(refusal('away'), refusal('away'), refusal('silent'), document, refusal('silent'));

  t.deepEqual(
    deeds.filter(deed => /^(show|complain)/.test(deed)),
    ['complain: away', 'complain: silent', 'show 3.7', 'complain: silent'],
  );
  t.is(deeds.filter(deed => deed === 'rest').length, 5);
});

test('what is not a refusal ends it', async t => {
  await t.throwsAsync(async () => watch(document, new Error('ours')), {message: 'ours'});
});

test('who wants it to end need not wait for an answer', async t => {
  const stop = new AbortController();
  const ended = watchStatus({
    ask: async () => new Promise(() => {}),
    show: () => t.fail(),
    complain: async () => t.fail(),
    rest: async () => t.fail(),
    signal: stop.signal,
  });

  stop.abort();

  await t.notThrowsAsync(ended);
});
