import {binCount, type ServerNumber} from '@tacoplex/vocabulary';
import {orderBins} from './bin-table-order.ts';
import {quotasFor, type Share} from './quotas.ts';

export type TableOptions = {
  /** Whether nothing would notice the bin's move. Such bins move first; by default none is known to be idle. */
  readonly idle?: (bin: number) => boolean;
  /** The fallback column that belongs to the old table: a bin that may move goes there before anywhere else. */
  readonly fallback?: Uint16Array;
};

export type TableChange = {
  /** The new table, 65,536 server numbers. */
  readonly base: Uint16Array;
  /** Bins that have another server than before. */
  readonly moved: number;
  /** The fewest bins that any table with these counts could have moved: half the sum of the count differences. */
  readonly minimum: number;
};

/** A table on its way to its quotas. */
type Work = {
  readonly base: Uint16Array;
  /** By server number, 0 being nobody: bins to give away, or if negative, to get. */
  readonly surplus: Int32Array;
  /** Who still has to get bins. */
  readonly receivers: number[];
  /** Whose turn it is among them. */
  turn: number;
  moved: number;
};

/**
 * Move the fewest bins that make the table follow the shares.
 *
 * Idle bins move first; among equals, those that go to their fallback, so that a change which is taken back gives the
 * bins back; among those, what a hash of bin and receivers draws. The same input gives the same table on every machine,
 * whatever the order of the shares.
 *
 * @param base 65,536 server numbers, 0 for nobody; not changed
 * @param shares in any order; who is not among them gets nothing; if none has a weight, everything goes to nobody
 * @throws RangeError on a table of another length, and as `quotasFor`
 */
export function changeTable(base: Uint16Array, shares: readonly Share[], options: TableOptions = {}): TableChange {
  if (base.length !== binCount) {
    throw new RangeError(`a table has ${binCount} bins, not ${base.length}`);
  }

  const {idle, fallback = new Uint16Array(binCount)} = options;
  const work = beginWork(base, surplusFor(base, shares, fallback));
  const minimum = work.receivers.reduce((sum, server) => sum - work.surplus[server]!, 0);
  if (minimum > 0) {
    const order = orderBins(work.receivers);
    for (const bins of idle === undefined ? [order] : [order.filter(idle), order]) {
      moveToFallback(work, bins, fallback);
      moveAnywhere(work, bins);
    }
  }

  return {base: work.base, moved: work.moved, minimum};
}

function beginWork(base: Uint16Array, surplus: Int32Array): Work {
  const receivers: number[] = [];
  for (let server = 0; server < surplus.length; server++) {
    if (surplus[server]! < 0) {
      receivers.push(server);
    }
  }

  return {base: base.slice(), surplus, receivers, turn: 0, moved: 0};
}

/** What each server has more than its quota, by number. */
function surplusFor(base: Uint16Array, shares: readonly Share[], fallback: Uint16Array): Int32Array {
  const stays = new Uint8Array(65_536);
  for (const {server, weight} of shares) {
    stays[server] = weight > 0 ? 1 : 0;
  }

  const counts = new Int32Array(65_536);
  const expected = new Int32Array(65_536); // Counts once each leaving server's bins have gone to their fallback
  for (let bin = 0; bin < binCount; bin++) {
    const server = base[bin]!;
    counts[server]!++;
    expected[stays[server] === 1 ? server : fallback[bin]!]!++;
  }

  const surplus = counts.slice();
  for (const [server, quota] of quotasFor(shares, counts, binCount, expected)) {
    surplus[server]! -= quota;
  }

  if (!stays.includes(1)) {
    surplus[0]! -= binCount;
  }

  return surplus;
}

function moveToFallback(work: Work, bins: Uint16Array, fallback: Uint16Array): void {
  const {base, surplus} = work;
  for (let rank = 0; rank < bins.length; rank++) {
    const bin = bins[rank]!;
    if (surplus[base[bin]!]! > 0 && surplus[fallback[bin]!]! < 0) {
      move(work, bin, fallback[bin]!);
    }
  }
}

function moveAnywhere(work: Work, bins: Uint16Array): void {
  const {base, surplus} = work;
  for (let rank = 0; rank < bins.length; rank++) {
    const bin = bins[rank]!;
    if (surplus[base[bin]!]! > 0) {
      move(work, bin, nextReceiver(work));
    }
  }
}

/** Receivers take turns, so that what one of them gets comes from everywhere. */
function nextReceiver(work: Work): number {
  const {receivers, surplus} = work;
  for (;;) {
    work.turn = (work.turn + 1) % receivers.length;
    const server = receivers[work.turn]!;
    if (surplus[server]! < 0) {
      return server;
    }

    receivers[work.turn] = receivers.at(-1)!; // It has all it needs: the last one takes its place
    receivers.pop();
  }
}

function move(work: Work, bin: number, to: number): void {
  work.surplus[work.base[bin]!]!--;
  work.surplus[to]!++;
  work.base[bin] = to as ServerNumber;
  work.moved++;
}
