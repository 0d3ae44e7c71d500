import type {Bus} from '@tacoplex/bus';
import type {Handlers, Incoming} from '@tacoplex/messages';
import type {MonotonicMs} from '@tacoplex/vocabulary';
import {type Leased, obey} from './lease.ts';

type Lease = Leased & {close(): void};

type Early = {
  readonly now: () => MonotonicMs;
  /** How long the elector's word holds. */
  readonly leaseMs: number;
  /** The elector has been heard, and the predecessor's lease follows it: there is no haste any more. Called once. */
  readonly onFirstWord: () => void;
};

/**
 * Hear the elector before there is an engine: what a predecessor has left in the kernel forwards no longer than its lease,
 * and to load an engine takes a good part of that. The elector's word goes to that lease, by the rule of `obey`.
 *
 * @param predecessor closed as soon as somebody else hears
 * @returns the same bus for who comes later: its `hear` begins with the last words that were heard so far
 */
export function listenEarly(
  bus: Bus<'frame-forwarder'>,
  predecessor: Lease,
  {now, leaseMs, onFirstWord}: Early,
): Bus<'frame-forwarder'> {
  const last: {state?: Incoming<'elector.state'>; view?: Incoming<'elector.view'>} = {};
  let later: Handlers<'frame-forwarder'> | undefined;
  bus.hear({
    'elector.state'(state) {
      last.state = state;
      later?.['elector.state'](state);
    },
    'elector.view'(view) {
      const isFirst = last.view === undefined;
      last.view = view;
      if (later === undefined) {
        obey(view, predecessor, {leaseMs, now: now()});
      } else {
        later['elector.view'](view);
      }

      if (isFirst) {
        onFirstWord();
      }
    },
  });
  return {
    ...bus,
    hear(handlers) {
      predecessor.close();
      later = handlers;
      if (last.view !== undefined) {
        handlers['elector.view'](last.view);
      }

      if (last.state !== undefined) {
        handlers['elector.state'](last.state);
      }
    },
  };
}
