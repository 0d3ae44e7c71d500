import {requests} from '@tacoplex/messages';
import type {MacAddress} from '@tacoplex/vocabulary';
import test from 'ava';
import {
  agrees,
  buildFlow,
  type EngineDecision,
  type Explanation,
  fromDecisionMessage,
  fromExplainedMessage,
  meaningOf,
  toExplainedMessage,
} from '../src/index.ts';
import {at, client, openDemo} from './demo.ts';

const explainer = openDemo();
const explain = (destinationPort: number): Explanation =>
  explainer.explain(buildFlow({protocol: 6, source: client, destination: at, sourcePort: 1, destinationPort}));

const forwarded = explain(80);
const passed = explain(81);
const destination = forwarded.server?.mac as MacAddress;

const cases: readonly {
  title: string;
  explanation: Explanation;
  engine: EngineDecision | undefined;
  agree: boolean | undefined;
}[] = [
  {
    title: 'the same server agrees',
    explanation: forwarded,
    engine: {verdict: 'forward', reason: 'forwarded', destination},
    agree: true,
  },
  {
    title: 'another server differs',
    explanation: forwarded,
    engine: {verdict: 'forward', destination: '02:00:00:00:01:09' as MacAddress},
    agree: false,
  },
  {
    title: 'a forwarded frame without destination differs',
    explanation: forwarded,
    engine: {verdict: 'forward'},
    agree: false,
  },
  {title: 'another verdict differs', explanation: forwarded, engine: {verdict: 'pass'}, agree: false},
  {title: 'an engine that tells no reason agrees', explanation: passed, engine: {verdict: 'pass'}, agree: true},
  {
    title: 'another reason differs',
    explanation: passed,
    engine: {verdict: 'pass', reason: 'not-ip'},
    agree: false,
  },
  {
    title: 'an engine that does not answer is not compared',
    explanation: forwarded,
    engine: undefined,
    agree: undefined,
  },
  {
    title: 'a frame that was cut is not compared',
    explanation: {verdict: 'unknown', reason: 'cut'},
    engine: {verdict: 'drop'},
    agree: undefined,
  },
];

for (const {title, explanation, engine, agree} of cases) {
  test(title, t => {
    t.is(agrees(explanation, engine), agree);
  });
}

test('an explanation comes through the wire as it was', t => {
  const codec = requests['admin.ask'].answer;
  for (const explanation of [forwarded, passed, {verdict: 'unknown', reason: 'cut'} as const]) {
    const bytes = codec.encode({explain: {frames: [toExplainedMessage(explanation)]}} as never).finish();
    const [frame] = codec.decode(bytes).explain?.frames ?? [];

    t.deepEqual(fromExplainedMessage(frame as never), explanation);
  }
});

test('a decision without a verdict is none', t => {
  const empty = {verdict: '', reason: '', destination: new Uint8Array()};

  t.is(fromDecisionMessage(undefined), undefined);
  t.is(fromDecisionMessage(empty), undefined);
  t.deepEqual(fromDecisionMessage({...empty, verdict: 'pass'}), {verdict: 'pass'});
});

test('every reason has a meaning, an unknown one its name', t => {
  t.is(meaningOf('no-service'), 'no service has this address, protocol and port');
  t.is(meaningOf('of-tomorrow'), 'of-tomorrow');
});
