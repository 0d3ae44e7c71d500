/**
 * Twin of `packages/frame-forwarder/bpf/forwarder.h`, which says what everything means: offsets and sizes in bytes. A test compares the two.
 * Whoever changes them adds 1 to {@link xdpLayout}.
 */
export const xdpLayout = 4;

export const slotsPerBucket = 4;
export const addressBuckets = 2048;
export const serviceBuckets = 4096;
export const filterWords = 256;
export const sideCount = 2;
export const groupCount = 16;
export const serverCount = 65_536;
export const serviceCount = 1024;

export const addressSlot = {
  bytes: 32,
  address: 0,
  version: 16,
  index: 18,
  ping_service: 20,
  ping_group: 22,
  ping_affinity: 23,
  reserved: 24,
} as const;

export const serviceSlot = {
  bytes: 16,
  key: 0,
  service: 8,
  group: 10,
  affinity: 11,
  is_ambiguous: 12,
} as const;

export const server = {bytes: 8, mac: 0, is_dead: 6, reserved: 7} as const;

export const image = {
  bytes: 64 + 2048 + 262_144 + 262_144 + 524_288 + 2_097_152,
  hash_state: 0,
  our_mac: 40,
  multipliers: 48,
  filter: 64,
  addresses: 2112,
  services: 264_256,
  servers: 526_400,
  settled: 1_050_688,
} as const;

export const bin = {bytes: 8, base: 0, fallback: 2, reserved: 4, reserved_owner: 6, phase: 7} as const;

/** Only `forward_until_ns` never moves: a process of any other layout keeps the lease of a program it takes over from. */
export const control = {bytes: 24, forward_until_ns: 0, source_mac: 8, side: 16, is_one_arm: 20} as const;

export const counters = {
  bytes: 320 + 32_768 + 1_048_576,
  good_tick: 0,
  good_until_ns: 8,
  over_tick: 16,
  over_until_ns: 24,
  reserved: 32,
  reasons: 64,
  services: 320,
  servers: 33_088,
} as const;

/** Key words are those of `writeFragmentKey` in leveling. */
export const fragmentKey = {
  bytes: 40,
  source: 0,
  destination: 16,
  identification: 32,
  version: 36,
  protocol: 37,
  reserved: 38,
} as const;

export const fragmentEntry = {bytes: 16, until_ns: 0, way: 8} as const;

/** Within a way: 4 bytes ports, 2 server, 1 protocol, 1 whether it is known. */
export const way = {ports: 0, server: 4, protocol: 6, isKnown: 7} as const;

export const held = {bytes: 64, key: 0, way: 40, at_ns: 48, length: 56, reserved: 60} as const;

export const longestHeld = 9024;

export const decision = {
  bytes: 40,
  hash: 0,
  service: 8,
  group: 12,
  bin: 16,
  server: 20,
  mac: 24,
  reason: 32,
  reserved: 36,
} as const;
