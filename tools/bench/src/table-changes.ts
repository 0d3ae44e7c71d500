import type {Share} from '@tacoplex/leveling';
import type {ServerNumber} from '@tacoplex/vocabulary';
import type {Draw} from './random.ts';

export type ChangeKind = 'add' | 'remove' | 'weight';

/** Servers as an operator has them, and the number the next one gets. */
export type Fleet = {readonly shares: readonly Share[]; readonly nextNumber: number};

const heaviest = 100;

/** @param size how many servers, each with a weight of 1 to 100 */
export function drawFleet(size: number, draw: Draw): Fleet {
  const shares = Array.from({length: size}, (_, index) => ({
    server: (index + 1) as ServerNumber,
    weight: 1 + draw(heaviest),
  }));
  return {shares, nextNumber: size + 1};
}

/** Add a server, remove one, or give one another weight: which, is drawn, but the fleet stays within 1 % of `size`. */
export function drawChange(fleet: Fleet, size: number, draw: Draw): {kind: ChangeKind; fleet: Fleet} {
  const {shares, nextNumber} = fleet;
  const kind = drawKind(shares.length, size, draw);
  const chosen = draw(shares.length);
  const weight = 1 + draw(heaviest);
  switch (kind) {
    case 'add':
      return {
        kind,
        fleet: {shares: [...shares, {server: nextNumber as ServerNumber, weight}], nextNumber: nextNumber + 1},
      };
    case 'remove':
      return {kind, fleet: {shares: shares.filter((_, index) => index !== chosen), nextNumber}};
    case 'weight':
      return {
        kind,
        fleet: {shares: shares.map((share, index) => (index === chosen ? {...share, weight} : share)), nextNumber},
      };
  }
}

function drawKind(now: number, size: number, draw: Draw): ChangeKind {
  const slack = Math.ceil(size / 100);
  const kinds: readonly ChangeKind[] = [
    'weight',
    ...(now < size ? (['add'] as const) : []), // A group holds 1,000 servers at most
    ...(now > size - slack ? (['remove'] as const) : []),
  ];
  return kinds[draw(kinds.length)] ?? 'weight';
}
