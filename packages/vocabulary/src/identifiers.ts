declare const brand: unique symbol;

/** A value that must not be mistaken for another of the same shape. */
export type Branded<Value, Name extends string> = Value & {readonly [brand]: Name};

/**
 * A leveler: the low 16 bits of the host part of its net B address, 1..65535.
 * Unique because the address is; no protocol has to hand it out.
 */
export type LevelerId = Branded<number, 'LevelerId'>;

/** A server in the bin tables: 1..65535. 0 in a table means nobody. */
export type ServerNumber = Branded<number, 'ServerNumber'>;

/** A server group, and with it a bin table: 0..15. */
export type GroupNumber = Branded<number, 'GroupNumber'>;

/** Slots of a bin table. A power of two: a hash is masked, not divided. */
export const binCount = 65_536;

/** Milliseconds of CLOCK_MONOTONIC: the same in every process of one machine, since its boot. */
export type MonotonicMs = Branded<number, 'MonotonicMs'>;
