import {type Lab, shared} from '@tacoplex/lab';

/** What the demo reads of `taco status --json`; the whole is described in docs/schema. */
export type Status = {
  readonly leader: string | null;
  readonly term: number | null;
  readonly agree: boolean | null;
  readonly version: string | null;
  readonly digest: string | null;
  readonly engine: {
    readonly name: string;
    readonly digest: string | null;
    readonly haltedBecause: string | null;
  } | null;
  readonly levelers: readonly {readonly name: string; readonly state: string}[];
  readonly addresses: readonly {readonly address: string; readonly net: 'a' | 'b'; readonly holder: string | null}[];
  readonly servers: readonly {readonly name: string; readonly mac: string | null}[];
  readonly reasons: readonly {readonly name: string; readonly count: number}[];
};

/** @returns undefined while the leveler does not answer */
export async function readStatus(lab: Lab, leveler: string): Promise<Status | undefined> {
  try {
    const {code, stdout} = await lab.exec(leveler, ['taco', 'status', '--json'], {timeoutMs: 5000});
    return code === 0 ? (JSON.parse(stdout) as Status) : undefined;
  } catch {
    return undefined; // Switched off
  }
}

/** The name of the leveler that holds the first LevIP. */
export function holderOf(status: Status): string | undefined {
  return status.addresses.find(({net, address}) => net === 'a' && address.includes('.'))?.holder ?? undefined;
}

/** Whether a leveler is part of the cluster and all that are have one state. */
export function isWhole(status: Status, levelers: readonly string[]): boolean {
  return (
    status.agree === true &&
    levelers.every(name => status.levelers.some(leveler => leveler.name === name && leveler.state === 'live'))
  );
}

export const service = `http://${shared.servIp.ipv4}/`;
