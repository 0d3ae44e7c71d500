import {createHmac, randomBytes} from 'node:crypto';
import {decodeDatagram, encodeDatagram} from '@tacoplex/datagrams';
import {type Beat, type Event, type Header, type Setup, type State, step, viewOf} from '@tacoplex/election';
import {quantile} from './statistics.ts';

/** What one elector took, in order. */
export type Diary = {
  readonly setup: Setup;
  readonly first: State;
  readonly events: readonly Event[];
  /** Of the simulation. */
  readonly ms: number;
};

/** Milliseconds of processor time for one second of an elector's life. */
export type Cost = {
  /** Deciding: the steps alone. */
  readonly stepMs: number;
  /** Looking after each step whether the other processes must be told something. */
  readonly viewMs: number;
  /** Protobuf of what is heard and said. */
  readonly codecMs: number;
  /** HMAC-SHA256 of the same. */
  readonly hmacMs: number;
  readonly totalMs: number;
};

const rounds = 3;
const sampleCount = 2000;
const tag = randomBytes(8);
const key = randomBytes(32);

/** Live a diary again, timed. What is simulated around it costs nothing here. */
export function measureCost({setup, first, events, ms}: Diary): Cost {
  const perSecond = (microseconds: number): number => microseconds / ms;
  const states: State[] = [];
  const stepUs = fastest(() => {
    states.length = 0;
    let state = first;
    for (const event of events) {
      [state] = step(setup, state, event);
      states.push(state);
    }
  });
  const viewUs = fastest(() => states.map(state => JSON.stringify(viewOf(setup, state))));
  const heard = events.filter(event => event.kind === 'heard');
  const said = [...new Set(states.map(({beat}) => beat))].length * 2;
  const beats = heard.flatMap(({header, body}) => (body.kind === 'beat' ? [{header, body}] : []));
  const {encodeUs, decodeUs, hmacUs} = measureBytes(beats.slice(0, sampleCount));
  const parts = {
    stepMs: perSecond(stepUs),
    viewMs: perSecond(viewUs),
    codecMs: perSecond(heard.length * decodeUs + said * encodeUs),
    hmacMs: perSecond((heard.length + said) * hmacUs),
  };
  return {...parts, totalMs: parts.stepMs + parts.viewMs + parts.codecMs + parts.hmacMs};
}

type Said = {readonly header: Header; readonly body: Beat};

/** Microseconds for one beat. */
function measureBytes(beats: readonly Said[]): {encodeUs: number; decodeUs: number; hmacUs: number} {
  const each = (act: () => void): number => fastest(act) / Math.max(1, beats.length);
  const encode = (): Uint8Array[] => beats.map(({header, body}) => encodeDatagram(tag, header, body));
  const encoded = encode();
  return {
    encodeUs: each(encode),
    decodeUs: each(() => encoded.map((bytes, index) => decodeDatagram(tag, beats[index]!.header.sender, bytes))),
    hmacUs: each(() => encoded.map(bytes => createHmac('sha256', key).update(bytes).digest())),
  };
}

/** Processor time, of the fastest round: others may disturb, and nothing makes it faster than it is. */
function fastest(act: () => void): number {
  const samples = Array.from({length: rounds}, () => {
    const before = process.cpuUsage();
    act();
    const {user, system} = process.cpuUsage(before);
    return user + system;
  });
  return quantile(
    samples.sort((one, other) => one - other),
    1 / rounds,
  );
}
