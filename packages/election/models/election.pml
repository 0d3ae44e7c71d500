/*
 * One leader in a term, and nothing that was committed is ever lost.
 *
 * Every member holds the whole cluster state under a version (term, index). Who stands begins a term; who gets the votes
 * of a majority leads it, makes the state it holds the first of its term, and may then change it. A state is committed
 * once a majority has kept it in the term of its leader.
 *
 * Messages are sets that only grow: whatever was said may arrive at any time later, any number of times, in any order,
 * or never. Time does not exist: anybody may stand at any moment, so silence, stalls and false suspicion are all in it.
 * Pre-vote, check-quorum and beats only decide who stands when, and are left out: what holds here holds whatever they do.
 *
 *   E1  at most one leader in a term
 *   E2  what was committed in a lower term is in the state of every later leader
 *   E3  a version names one content
 *   E4  the version that a member holds only rises
 *
 * TERMS     how many terms are begun at most. 2: every state is visited. 3: more than fits in memory.
 * INDEXES   how many versions a leader makes at most: 1 on taking office, then one for each change.
 *
 * Rules that can be switched off, each of which must then be missed:
 *   VOTES_WITHOUT_FRESHNESS  a vote is given to a candidate whose state is older than the voter's
 *   FORGETS_VOTE             who restarts has forgotten whom it voted for
 *   FORGETS_ALL              who restarts has forgotten everything
 *   LEADS_ON_AFTER_RESTART   a leader that restarts goes on leading its term, without what it proposed last
 */
#define MEMBERS 3
#ifndef TERMS
#define TERMS 2
#endif
#ifndef INDEXES
#define INDEXES 2
#endif

#define FOLLOWER 0
#define CANDIDATE 1
#define LEADER 2

/* What a member believes. A vote is the member's number plus one, 0 is none; entries are a set of changes, a bit each. */
byte term[MEMBERS];
byte votedFor[MEMBERS];
byte role[MEMBERS];
byte heldTerm[MEMBERS];
byte heldIndex[MEMBERS];
byte heldEntries[MEMBERS];

/* What was said, by term and candidate. Grants are a set of members, a bit each. */
#define SLOTS ((TERMS + 1) * MEMBERS)
#define BY(t, candidate) ((t) * MEMBERS + (candidate))
byte granted[SLOTS];
byte askedTerm[SLOTS];
byte askedIndex[SLOTS];
bool asked[SLOTS];

/* What was said, by version. A proposal is its entries and PROPOSED; acknowledgements are a set of members. */
#define VERSIONS ((TERMS + 1) * (INDEXES + 1))
#define OF(t, index) ((t) * (INDEXES + 1) + (index))
#define PROPOSED 128
#define ENTRIES 127
byte proposed[VERSIONS];
byte kept[VERSIONS];

/* Seen from outside: everything committed in a term, and everybody who ever led it. */
byte committed[TERMS + 1];
byte led[TERMS + 1];

#define BIT(member) (1 << (member))
#define COUNT(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1))
#define IS_MAJORITY(set) (COUNT(set) >= 2)
#define LACKS(entries, member) ((entries) & ~heldEntries[member])
/* Each change that a leader makes has a bit of its own. */
#define CHANGE(t, index) BIT(((t) - 1) * (INDEXES - 1) + (index) - 2)

#define IS_AS_NEW(t, index, otherT, otherIndex) ((t) > (otherT) || ((t) == (otherT) && (index) >= (otherIndex)))
#ifdef VOTES_WITHOUT_FRESHNESS
#define DESERVES(t, index, voter) true
#else
#define DESERVES(t, index, voter) IS_AS_NEW(t, index, heldTerm[voter], heldIndex[voter])
#endif

inline propose(member) {
  assert(proposed[OF(term[member], heldIndex[member])] == 0);                                                  /* E3 */
  proposed[OF(term[member], heldIndex[member])] = heldEntries[member] | PROPOSED;
  kept[OF(term[member], heldIndex[member])] = kept[OF(term[member], heldIndex[member])] | BIT(member)
}

proctype Member(byte self) {
  byte candidate; byte t; byte index; byte other;
 end:
  do
  /* Stand: the own vote, and the question to all. */
  :: atomic { role[self] != LEADER && term[self] < TERMS ->
       term[self]++; votedFor[self] = self + 1; role[self] = CANDIDATE;
       asked[BY(term[self], self)] = true;
       askedTerm[BY(term[self], self)] = heldTerm[self];
       askedIndex[BY(term[self], self)] = heldIndex[self];
       granted[BY(term[self], self)] = granted[BY(term[self], self)] | BIT(self) }

  /* Hear a question, and vote or not. */
  :: atomic { select(candidate : 0 .. MEMBERS - 1); select(t : 1 .. TERMS);
       if
       :: candidate != self && asked[BY(t, candidate)] && t >= term[self] ->
            if
            :: t > term[self] -> term[self] = t; votedFor[self] = 0; role[self] = FOLLOWER
            :: else
            fi;
            if
            :: (votedFor[self] == 0 || votedFor[self] == candidate + 1) &&
               DESERVES(askedTerm[BY(t, candidate)], askedIndex[BY(t, candidate)], self) ->
                 votedFor[self] = candidate + 1;
                 granted[BY(t, candidate)] = granted[BY(t, candidate)] | BIT(self)
            :: else
            fi
       :: else
       fi;
       candidate = 0; t = 0 }

  /* A majority has voted for us: lead, and make the held state the first of this term. */
  :: atomic { role[self] == CANDIDATE && IS_MAJORITY(granted[BY(term[self], self)]) ->
       role[self] = LEADER;
       assert(IS_AS_NEW(term[self], 1, heldTerm[self], heldIndex[self]));                                     /* E4 */
       heldTerm[self] = term[self]; heldIndex[self] = 1;
       led[term[self]] = led[term[self]] | BIT(self);
       assert(COUNT(led[term[self]]) == 1);                                                                    /* E1 */
       propose(self);
       for (t : 1 .. TERMS) { assert(t >= term[self] || LACKS(committed[t], self) == 0) };                     /* E2 */
       t = 0 }

  /* Change the state. */
  :: atomic { role[self] == LEADER && heldIndex[self] < INDEXES ->
       heldIndex[self]++;
       heldEntries[self] = heldEntries[self] | CHANGE(term[self], heldIndex[self]);
       propose(self) }

  /* Hear a proposal, hold it unless something newer is held, and say that it is kept. */
  :: atomic { select(t : 1 .. TERMS); select(index : 1 .. INDEXES);
       if
       :: proposed[OF(t, index)] != 0 && t >= term[self] && !(role[self] == LEADER && t == term[self]) ->
            if
            :: t > term[self] -> term[self] = t; votedFor[self] = 0
            :: else
            fi;
            role[self] = FOLLOWER;
            if
            :: !IS_AS_NEW(heldTerm[self], heldIndex[self], t, index) ->
                 heldTerm[self] = t; heldIndex[self] = index; heldEntries[self] = proposed[OF(t, index)] & ENTRIES
            :: else
            fi;
            if
            :: heldTerm[self] == t -> kept[OF(t, index)] = kept[OF(t, index)] | BIT(self)
            :: else
            fi
       :: else
       fi;
       t = 0; index = 0 }

  /* A majority has kept a state of the own term: it is committed. */
  :: atomic { role[self] == LEADER -> select(index : 1 .. INDEXES);
       if
       :: proposed[OF(term[self], index)] != 0 && IS_MAJORITY(kept[OF(term[self], index)]) ->
            committed[term[self]] = committed[term[self]] | (proposed[OF(term[self], index)] & ENTRIES);
            for (other : 0 .. MEMBERS - 1) {
              assert(!(role[other] == LEADER && term[other] > term[self]) ||
                     LACKS(proposed[OF(term[self], index)] & ENTRIES, other) == 0)                             /* E2 */
            }
       :: else
       fi;
       index = 0; other = 0 }

  /* Crash and restart: term, vote and state were on disk before anything was said of them. */
  :: atomic { role[self] != FOLLOWER -> role[self] = FOLLOWER }

#ifdef FORGETS_VOTE
  :: atomic { role[self] = FOLLOWER; votedFor[self] = 0 }
#endif
#ifdef FORGETS_ALL
  :: atomic { role[self] = FOLLOWER; votedFor[self] = 0; term[self] = 0;
       heldTerm[self] = 0; heldIndex[self] = 0; heldEntries[self] = 0 }
#endif
#ifdef LEADS_ON_AFTER_RESTART
  :: atomic { role[self] == LEADER && heldIndex[self] > 1 ->
       heldIndex[self] = 1; heldEntries[self] = heldEntries[self] & ~CHANGE(term[self], 2) }
#endif
  od
}

init { atomic { run Member(0); run Member(1); run Member(2) } }
