/** What became of the long connections. */
export type ConnectionTally = {
  /** Answers that came. */
  readonly records: number;
  /** Connections that ended though nobody had ended them. */
  readonly resets: number;
  /** Records out of order, or from another server than the connection's first. */
  readonly wrong: number;
  /** Records that took more than a second. */
  readonly stalls: number;
  readonly longestStallMs: number;
  /** From the first SYN to the connection. */
  readonly slowestOpeningMs: number;
  /** Connections whose oldest record is unanswered for more than a second, at this moment. */
  readonly stuck: number;
};

/** What became of requests that each had a connection of its own. */
export type RequestTally = {
  readonly sent: number;
  readonly failed: number;
  readonly perCause: Readonly<Record<string, number>>;
};

export type LoadTally = {readonly connections: ConnectionTally; readonly requests: RequestTally};

/** Something a row says of the cluster. */
export type Finding = {
  readonly claim: string;
  readonly holds: boolean;
  /** Of elapsed time: says nothing where the machine is busy with other things. */
  readonly isTimed?: boolean;
};

/** What was seen in one run of a fault. */
export type Measured = LoadTally & {
  /** Of an ICMP echo each millisecond, from one answer to the next. */
  readonly silenceMs: number;
  /** Terms that began. */
  readonly elections: number;
  readonly hasSameTable: boolean;
  readonly findings: readonly Finding[];
  /** The fault's own figures, by name; ms unless the name says otherwise. */
  readonly figures: Readonly<Record<string, number>>;
};
