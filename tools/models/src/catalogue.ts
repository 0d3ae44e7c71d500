/** What a search of a model must come to. */
export type Expectation =
  /** Every state is visited, and none is wrong. */
  | 'holds'
  /** A rule is switched off: a wrong state must be found. */
  | 'fails'
  /** Too large to visit every state: as many as the limits allow, and none of them is wrong. */
  | 'searched';

/** One search: a model, and what is defined in it. */
export type Case = {
  /** Its file, relative to the root. */
  readonly model: string;
  /** `NAME` or `NAME=VALUE`; they are explained in the head of the model. */
  readonly defines: readonly string[];
  readonly expects: Expectation;
  /** Which invariants may be the one that breaks, as the model marks them; empty unless it fails. */
  readonly breaks: readonly string[];
  /** Left out of the quick set. */
  readonly isLarge: boolean;
  readonly limits: Limits;
};

/** A search that reaches one of them is not complete. */
export type Limits = {
  readonly memoryMib: number;
  readonly timeS: number;
  /** Steps in one history. */
  readonly depth: number;
};

const election = 'packages/election/models/election.pml';
const caretaker = 'packages/election/models/caretaker.pml';
const bin = 'packages/leveling/models/bin.pml';

const small: Limits = {memoryMib: 1024, timeS: 300, depth: 500_000};
const large: Limits = {memoryMib: 8192, timeS: 600, depth: 5_000_000};

const holds = (model: string, ...defines: string[]): Case => ({
  model,
  defines,
  expects: 'holds',
  breaks: [],
  isLarge: false,
  limits: small,
});

const fails = (model: string, breaks: readonly string[], ...defines: string[]): Case => ({
  ...holds(model, ...defines),
  expects: 'fails',
  breaks,
});

const allOf = (one: Case): Case => ({...one, isLarge: true, limits: large});

/** Every search of every model. */
export const catalogue: readonly Case[] = [
  holds(election),
  fails(election, ['E2'], 'VOTES_WITHOUT_FRESHNESS'),
  fails(election, ['E1'], 'FORGETS_VOTE'),
  fails(election, ['E1', 'E2', 'E3'], 'FORGETS_ALL'),
  fails(election, ['E3'], 'LEADS_ON_AFTER_RESTART'),
  allOf({...holds(election, 'TERMS=3'), expects: 'searched'}),

  holds(caretaker),
  holds(caretaker, 'TIE'),
  holds(caretaker, 'STRICT', 'CAUTIOUS'),
  fails(caretaker, ['S1', 'C1'], 'STRICT'),
  fails(caretaker, ['S1'], 'NO_PROBE'),
  fails(caretaker, ['S1'], 'TIE', 'NO_PROBE'),
  fails(caretaker, ['S1'], 'DEAF'),
  fails(caretaker, ['S1'], 'NO_LEASE'),
  fails(caretaker, ['S2'], 'CARETAKER_COMMITS'),
  fails(caretaker, ['S2'], 'KEEPS_BOTH'),
  fails(caretaker, ['S2'], 'KEEPS_OVERLAY'),
  fails(caretaker, ['S2'], 'TIE', 'KEEPS_OVERLAY'),

  holds(bin),
  holds(bin, 'LEVELERS=3'),
  holds(bin, 'LEVELERS=3', 'OWNER_CRASH'),
  holds(bin, 'PURGES_EARLY'),
  fails(bin, ['B1'], 'NO_BARRIER'),
  fails(bin, ['B1'], 'NO_FENCE'),
  fails(bin, ['B1'], 'NO_SETTLING'),
  fails(bin, ['B1'], 'NO_QUIET'),
  fails(bin, ['B1'], 'NO_UNMIXED'),
  allOf(holds(bin, 'CONNECTIONS=2')),
  allOf({...holds(bin, 'CONNECTIONS=2', 'OWNER_CRASH'), expects: 'searched'}),
];

/** `election TERMS=3`: unique, and the key of the recorded counts. */
export function nameOf({model, defines}: Case): string {
  return [model.slice(model.lastIndexOf('/') + 1, -'.pml'.length), ...defines].join(' ');
}
