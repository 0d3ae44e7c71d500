import {Chance, id} from '@tacoplex/simulation';
import test from 'ava';
import fc from 'fast-check';
import {Assembler, cut, firstWindow, Outbox} from '../src/index.ts';

const bytesOf = (length: number, chance: Chance): Uint8Array => Uint8Array.from({length}, () => chance.integer(0, 255));
const name = '0123456789abcdef';

/** Send over a wire that loses, doubles and reorders, 10 ms each way. @returns the bytes, and how long it took */
function carry(bytes: Uint8Array, loss: number, chance: Chance) {
  const [outbox, assembler] = [new Outbox(), new Assembler()];
  const lossy = <T>(pieces: readonly T[]): T[] =>
    pieces
      .flatMap(piece => (chance.happens(0.1) ? [piece, piece] : [piece]))
      .filter(() => !chance.happens(loss))
      .sort(() => chance.next() - 0.5);
  let onWire = lossy(outbox.put({name, bytes}, 100, 0));
  for (let nowMs = 10; nowMs < 60_000; nowMs += 10) {
    const wholes = onWire.map(chunk => assembler.take(id(1), chunk, nowMs)).filter(whole => whole !== undefined);
    if (wholes[0] !== undefined) {
      return {whole: wholes[0], tookMs: nowMs};
    }

    const again = nowMs % 250 === 0 ? outbox.put({name, bytes}, 100, nowMs) : []; // As a fetch is repeated
    const asked = lossy(assembler.ask(nowMs)).flatMap(({missing}) => outbox.take(missing, nowMs));
    onWire = lossy([...again, ...asked]);
  }

  return undefined;
}

test('a message in pieces arrives whole despite 30 % loss, doubles and disorder', t => {
  const property = fc.property(fc.integer(), fc.integer({min: 1, max: 40_000}), (seed, length) => {
    const chance = new Chance(seed);
    const bytes = bytesOf(length, chance);
    const carried = carry(bytes, 0.3, chance);

    t.deepEqual(carried?.whole, bytes);
  });

  fc.assert(property, {numRuns: 50});
});

test('140 pieces take less than a second at 30 % loss', t => {
  const chance = new Chance(1);
  const carried = carry(bytesOf(14_000, chance), 0.3, chance);

  t.true(carried !== undefined && carried.tookMs < 1000, String(carried?.tookMs));
});

test('a small message is one piece', t => {
  t.deepEqual(
    cut({name, bytes: Uint8Array.of(1, 2)}, 100).map(({number, count}) => [number, count]),
    [[0, 1]],
  );
});

test('what would need more than 4096 pieces is refused', t => {
  t.throws(() => cut({name, bytes: new Uint8Array(4097)}, 1), {instanceOf: RangeError});
});

test('only the first window is sent unasked', t => {
  t.is(new Outbox().put({name, bytes: new Uint8Array(10_000)}, 100, 0).length, firstWindow);
});

test('pieces that contradict each other or themselves change nothing', t => {
  const assembler = new Assembler();
  const piece = {kind: 'chunk', transfer: name, number: 0, count: 2, bytes: new Uint8Array(1)} as const;

  assembler.take(id(1), piece, 0);

  t.is(assembler.take(id(1), {...piece, number: 1, count: 3}, 0), undefined);
  t.is(assembler.take(id(1), {...piece, number: 2}, 0), undefined);
  t.is(assembler.take(id(1), {...piece, count: 0}, 0), undefined);
  t.is(assembler.take(id(1), {...piece, count: 5000}, 0), undefined);
  t.is(assembler.take(id(1), {...piece, number: 1}, 0)?.length, 2);
});

test('a sender that never finishes takes no more than two places, and those for two seconds', t => {
  const assembler = new Assembler();
  for (let transfer = 0; transfer < 10; transfer++) {
    assembler.take(id(1), {kind: 'chunk', transfer: `${transfer}`, number: 0, count: 9, bytes: new Uint8Array(9)}, 0);
  }

  t.deepEqual(
    assembler.ask(100).map(({missing}) => missing.transfer),
    ['8', '9'],
  );
  assembler.ask(3000);
  t.false(assembler.isBusy);
});
