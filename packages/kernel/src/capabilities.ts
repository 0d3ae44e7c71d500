import {readFileSync} from 'node:fs';

/** Bits of the capabilities that loading and attaching take. @see capabilities(7) */
const needed = {CAP_NET_ADMIN: 12, CAP_PERFMON: 38, CAP_BPF: 39} as const;
export type Capability = keyof typeof needed;

const everything = 21n; // CAP_SYS_ADMIN has what CAP_PERFMON and CAP_BPF allow

/**
 * Which of the capabilities this process lacks. CAP_PERFMON too is needed: without it the verifier lets no program
 * compute the length of a frame.
 */
export function missingCapabilities(): Capability[] {
  return missingIn(readFileSync('/proc/self/status', 'utf8'));
}

/** @param status what /proc/PID/status says */
export function missingIn(status: string): Capability[] {
  const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  const mask = BigInt(`0x${digits}`);
  const has = (bit: bigint): boolean => ((mask >> bit) & 1n) === 1n;
  return (Object.keys(needed) as Capability[]).filter(
    name => !has(BigInt(needed[name])) && !(name !== 'CAP_NET_ADMIN' && has(everything)),
  );
}
