import type {ServerState} from '@tacoplex/cluster';
import {type Affinity, reasonTable} from '@tacoplex/leveling';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

/** `hold`: a fragment that waits for the first of its datagram. `unknown`: the frame was cut where it matters. */
export type ExplainedVerdict = 'forward' | 'pass' | 'drop' | 'hold' | 'unknown';

/** What becomes of one frame, and why. */
export type Explanation = {
  readonly verdict: ExplainedVerdict;
  /** Name of the reason, as in the counters; `cut` for the verdict `unknown`. */
  readonly reason: string;
  /** `name` as people write it: `10.0.1.200:80/tcp`. Missing: none was found. */
  readonly service?: {readonly name: string; readonly group: string; readonly affinity: Affinity};
  /** Missing: no key was made. */
  readonly key?: {
    /** 16 for IPv4, 40 for IPv6. */
    readonly bytes: Uint8Array;
    /** Of these bytes, 16 hexadecimal digits; the last four are the bin. */
    readonly hash: string;
    readonly bin: number;
  };
  /** Who gets the frame, or would if its MAC address were known. */
  readonly server?: ExplainedServer;
};

export type ExplainedServer = {
  readonly number: number;
  readonly name: string;
  readonly address: IpAddress;
  readonly weight: number;
  readonly state: ServerState;
  /** Stands in for the server that the bin belongs to. */
  readonly isFallback: boolean;
  readonly mac?: MacAddress;
};

/** The reason of the verdict `unknown`. */
export const cutReason = 'cut';

const meanings: ReadonlyMap<string, string> = new Map([
  ...reasonTable.map(({name, meaning}): [string, string] => [name, meaning]),
  [cutReason, 'the capture cut the frame within its headers: what becomes of it cannot be told'],
]);

/** The reason in words; its name if it is another version's. */
export function meaningOf(reason: string): string {
  return meanings.get(reason) ?? reason;
}
