import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {ArpProofs} from '../src/arp-proofs.ts';
import {ip, levIp} from './fixtures.ts';

const [one, two] = [1, 2] as LevelerId[];
const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

const proofsOf = (id: LevelerId, ...keys: readonly Uint8Array[]): ArpProofs => {
  const proofs = new ArpProofs(id);
  proofs.use(keys);
  return proofs;
};

/** Leveler 1 asks and leveler 2 answers. @returns both, and what its answer carries */
const exchange = (asks: readonly Uint8Array[], answers: readonly Uint8Array[]) => {
  const [asker, answerer] = [proofsOf(one!, ...asks), proofsOf(two!, ...answers)];
  return {asker, answer: answerer.trailerOfAnswer(asker.trailerOfQuestion(7), levIp)};
};

test('whoever has a key that is believed proves that it answers this question', t => {
  const {asker, answer} = exchange([key(1)], [key(1)]);
  const rotating = exchange([key(1), key(2)], [key(2), key(1)]);

  t.is(answer?.length, 18);
  t.is(asker.provenBy(answer!, levIp), two);
  t.is(rotating.asker.provenBy(rotating.answer!, levIp), two);
});

test('an answer proves nothing for another address, another question, another number or another key', t => {
  const {asker, answer} = exchange([key(1)], [key(1)]);
  const asThree = answer!.with(1, 3);

  t.is(asker.provenBy(answer!, ip('10.0.0.201')), undefined);
  t.is(asker.provenBy(asThree, levIp), undefined);
  t.is(asker.provenBy(new Uint8Array(18), levIp), undefined);
  t.not(Buffer.compare(asker.trailerOfQuestion(7), proofsOf(one!).trailerOfQuestion(7)), 0);
  asker.trailerOfQuestion(8);
  t.is(asker.provenBy(answer!, levIp), undefined);
  const other = exchange([key(1)], [key(2)]);
  t.is(other.asker.provenBy(other.answer!, levIp), undefined);
});

test('our own answer, sent back to us, proves nothing', t => {
  const asker = proofsOf(one!, key(1));
  const own = asker.trailerOfAnswer(asker.trailerOfQuestion(7), levIp);

  t.is(asker.provenBy(own!, levIp), undefined);
});

test('who has no key, or is asked by somebody who knows no proofs, carries none', t => {
  t.is(exchange([], []).answer, undefined);
  t.is(proofsOf(two!, key(1)).trailerOfAnswer(new Uint8Array(18), levIp), undefined);
});
