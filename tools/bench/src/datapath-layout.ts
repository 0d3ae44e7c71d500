/** Offsets in `struct order` of `bpf/datapath.h`, bytes. */
export const order = {frame: 0, frameBytes: 60, isIpv6: 60, lane: 64, flowMask: 68, numbered: 80} as const;

/** Offsets in `struct arrivals`, words of 8 bytes. */
export const arrivals = {frames: 0, bytes: 1, others: 2, servers: 4, serverCount: 256, words: 260} as const;

/** Numbers that one row of the map `seen` stands for, a byte each. */
export const numbersPerRow = 4096;
