import type {Lab} from './lab.ts';

/** What a laboratory reads of `taco status --json`; the whole is described in docs/schema/taco-status.json. */
export type ClusterStatus = {
  readonly self: string | null;
  readonly leader: string | null;
  readonly term: number | null;
  readonly agree: boolean | null;
  readonly version: string | null;
  readonly digest: string | null;
  readonly engine: {
    readonly name: string;
    readonly version: string | null;
    readonly digest: string | null;
    readonly haltedBecause: string | null;
  } | null;
  readonly standing: {readonly state: string};
  readonly levelers: readonly LevelerStatus[];
  readonly addresses: readonly {readonly address: string; readonly net: 'a' | 'b'; readonly holder: string | null}[];
  readonly servers: readonly {readonly name: string; readonly mac: string | null}[];
  readonly processes: readonly {readonly name: string; readonly silenceMs: number | null}[];
  readonly warnings: readonly {readonly what: string}[];
  readonly reasons: readonly {readonly name: string; readonly count: number}[];
};

export type LevelerStatus = {
  readonly name: string;
  readonly member: boolean;
  readonly state: string;
  readonly version: string | null;
  readonly digest: string | null;
  /** Since its last beat; null: never heard. */
  readonly silenceMs: number | null;
  /** Whether frames get through it, as it says; null: not known. */
  readonly carries: {readonly whyNot: string | null} | null;
  /** Levelers that its pings get through, and that they do not although they do through others; null: not known. */
  readonly tried: Readonly<
    Record<'there' | 'back', {readonly passes: readonly string[]; readonly fails: readonly string[]}>
  > | null;
  /** The nets that it hears each other leveler on, as it says; null: not known. */
  /** What it cannot write, as it says; null: nothing. */
  readonly diskFault: string | null;
  readonly hears: readonly {readonly leveler: string; readonly on: 'both' | 'a' | 'b' | 'none' | null}[];
};

/** Ask a leveler once. @returns undefined if it does not answer */
export async function readStatus(lab: Lab, leveler: string): Promise<ClusterStatus | undefined> {
  try {
    const {code, stdout} = await lab.exec(leveler, ['taco', 'status', '--json']);
    return code === 0 ? (JSON.parse(stdout) as ClusterStatus) : undefined;
  } catch {
    return undefined; // Switched off
  }
}

/** The name of the leveler that holds the first LevIP. */
export function holderOf(status: ClusterStatus): string | undefined {
  return status.addresses.find(({net, address}) => net === 'a' && address.includes('.'))?.holder ?? undefined;
}

/** Whether all of some levelers are live, and all that are live have one state. */
export function isWhole(status: ClusterStatus, levelers: readonly string[]): boolean {
  return (
    status.agree === true &&
    levelers.every(name => status.levelers.some(leveler => leveler.name === name && leveler.state === 'live'))
  );
}
