/*
 * A cluster in two: who serves without a majority, what he may do, and how the two become one again.
 *
 * A side that lost its majority cannot tell whether the others died, and it must serve, or only net B was cut, and it must
 * not. Net A can: the side asks there for the shared address. Somebody answers: it stops. Nobody answers: it is the
 * caretaker. A caretaker forwards by the committed table, and sends the bins of servers that it does not reach to their
 * fallback, and changes nothing else; so there is nothing to merge when the sides hear each other again.
 *
 * In the model: two sides of a few levelers each, one bin, two servers, each the other's fallback. Nets are cut and mended,
 * sides die and come back, the server is out of reach of either side or of both, at any moment. A version is a number; the
 * server that was committed with it stands in `committedServer`. A steal (broadcast ARP) arrives at once where net A is
 * whole: it takes microseconds, the questions of a probe are 40 ms apart.
 *
 *   S1  the sides send the bin to different servers only if the committed one is dead for one of them; and while net A
 *       connects them, only one side forwards (from the next probe on after it was mended)
 *   S2  when both hear each other again, both follow one version, and all was committed by a majority
 *   C1  an open connection keeps its server, unless its bin's server was dead for one side
 *
 * Net A cut as well: then a majority may move bins while a caretaker, which it takes for dead, serves other clients by the
 * table before. That is what the design accepts, and connections through such a caretaker are excused from C1.
 *
 * TIE       neither side has a majority (two levelers, no witness). Else side 0 has it.
 * STRICT    nothing is excused for what a majority did meanwhile. Holds only with CAUTIOUS.
 * CAUTIOUS  a majority moves no bin as planned while a member is silent.
 * VERSIONS  how often the table changes at most.
 *
 * Rules that can be switched off, each of which must then be missed:
 *   NO_PROBE            who lost the majority takes over without asking on net A
 *   DEAF                who probes hears answers only, no steals
 *   NO_LEASE            who lost the majority goes on forwarding until it knows better
 *   CARETAKER_COMMITS   a caretaker moves bins as if it had a majority
 *   KEEPS_BOTH          after healing each side keeps the version it had
 *   KEEPS_OVERLAY       after healing each side keeps its own view of which servers are dead
 */
#ifndef VERSIONS
#define VERSIONS 3
#endif

#define SIDES 2
#define OTHER(side) (1 - (side))
#define FALLBACK(server) (1 - (server))

bool wireA = true;                                             /* Net A between the sides */
bool wireB = true;                                             /* Net B between the sides */
bool up[SIDES] = true;

/* With a leader of a majority; without, and stopping or stopped; without, and serving. */
#define LED 0
#define WITHOUT 1
#define CARETAKER 2
byte mode[SIDES];
bool forwards[SIDES] = true;                                   /* Its lease has not run out */
bool answers[SIDES];                                           /* It holds the shared address on net A */

/* A probe of net A: two questions, then the decision. */
#define IDLE 0
#define ASKED_ONCE 1
#define ASKED_TWICE 2
byte probe[SIDES];
bool heard[SIDES];                                             /* Somebody else answered, or stole */
bool checked[SIDES];                                           /* Has decided since nets or sides last changed */
bool stale[SIDES];                                             /* Its probe began before that */

/* The table: one bin. */
byte version[SIDES];
byte server[SIDES];
bool dead[SIDES];                                              /* Its server, for this side; until another version */
byte newest;
byte committedServer[VERSIONS + 1];
bool missedMove[SIDES];                                        /* The other moved the bin as planned, unheard by this one */
bool missedRepair;                                             /* The same, for a dead server */

/* A connection: its server plus one, 0 is none; the side its packets come in through. */
byte openAt;
byte via;
bool excused;

#ifdef TIE
#define HAS_MAJORITY(side) (up[side] && wireB && up[OTHER(side)])
#define MAY_BE_OUTVOTED(side) false
#define CAN_COMMIT(side) IS_TOGETHER
#else
#define HAS_MAJORITY(side) (up[side] && ((wireB && up[OTHER(side)]) || (side) == 0))
#define MAY_BE_OUTVOTED(side) ((side) == 1)
#define CAN_COMMIT(side) (IS_TOGETHER || (up[side] && mode[side] == LED && (side) == 0))
#endif
#define IS_TOGETHER (wireB && up[0] && up[1] && mode[0] == LED && mode[1] == LED)
#define ROUTE(side) (dead[side] -> FALLBACK(server[side]) : server[side])
#define SEES_ANSWER(side) (wireA && up[OTHER(side)] && answers[OTHER(side)])

/* Of two sides that serve, or served until they lost their majority, and cannot be outvoted the lower one stays; anybody else
 * gives way. */
#define STAYS(side) ((mode[side] == CARETAKER || answers[side]) && !MAY_BE_OUTVOTED(side) && (side) == 0)

inline stop(side) { mode[side] = WITHOUT; forwards[side] = false; answers[side] = false }

#ifdef DEAF
#define HEARS_STEAL(side) false
#else
#define HEARS_STEAL(side) (probe[side] != IDLE && mode[side] == WITHOUT)
#endif

/* Take the shared address with a majority, or defend it as the caretaker that stays: whoever hears it gives way. */
inline grab(side) {
  answers[side] = true;
  if
  :: wireA && up[OTHER(side)] && HEARS_STEAL(OTHER(side)) -> heard[OTHER(side)] = true
  :: wireA && up[OTHER(side)] && mode[OTHER(side)] == CARETAKER -> stop(OTHER(side)); probe[OTHER(side)] = IDLE
  :: else
  fi
}

/* Take it as a new caretaker: another caretaker gives way, or defends itself. */
inline contend(side) {
  answers[side] = true;
  if
  :: wireA && up[OTHER(side)] && HEARS_STEAL(OTHER(side)) -> heard[OTHER(side)] = true
  :: wireA && up[OTHER(side)] && mode[OTHER(side)] == CARETAKER && STAYS(OTHER(side)) -> stop(side)
  :: wireA && up[OTHER(side)] && mode[OTHER(side)] == CARETAKER && !STAYS(OTHER(side)) ->
       stop(OTHER(side)); probe[OTHER(side)] = IDLE
  :: else
  fi
}

inline netsChanged() {
  checked[0] = false; checked[1] = false;
  stale[0] = true; stale[1] = true
}

/* Who has a majority commits the next version, with this server for the bin. Who hears it follows. */
inline commitNext(side, next) {
  newest++;
  committedServer[newest] = next;
  version[side] = newest; server[side] = committedServer[newest]; dead[side] = false;
  if
  :: IS_TOGETHER ->
       version[OTHER(side)] = newest; server[OTHER(side)] = committedServer[newest]; dead[OTHER(side)] = false
  :: else
  fi
}

/* The barrier of a planned move: all others follow, or have been silent until their leases must have run out. */
#ifdef CAUTIOUS
#define PASSED_BARRIER(side) IS_TOGETHER
#else
#ifdef NO_LEASE
#define PASSED_BARRIER(side) true
#else
#define PASSED_BARRIER(side) (IS_TOGETHER || !forwards[OTHER(side)] || mode[OTHER(side)] == CARETAKER)
#endif
#endif
#ifdef STRICT
#define CARETAKER_EXCUSED false
#else
#define CARETAKER_EXCUSED true
#endif

/* Nobody is left at the server of the bin: as far as those who are heard know. */
#define QUIET(side) (openAt == 0 || (via != (side) && !IS_TOGETHER))

/* A planned move that the other side does not hear of: its connections are not kept. */
inline noteMove(side) {
  if :: !IS_TOGETHER -> missedMove[OTHER(side)] = true; excused = excused || CARETAKER_EXCUSED :: else fi
}

proctype Side(byte self) {
  do
  /* Nobody to make a majority with. */
  :: atomic { up[self] && mode[self] == LED && !HAS_MAJORITY(self) -> mode[self] = WITHOUT }
#ifndef NO_LEASE
  :: atomic { up[self] && mode[self] == WITHOUT && forwards[self] -> forwards[self] = false; answers[self] = false }
#endif

  /* With a majority: take the address if the others are gone. */
  :: atomic { up[self] && HAS_MAJORITY(self) && !IS_TOGETHER && mode[self] == LED && !(answers[self] && checked[self]) ->
       grab(self); checked[self] = true }

  /* Without: ask on net A, twice, and decide. A caretaker goes on asking. */
  :: atomic { up[self] && !HAS_MAJORITY(self) && mode[self] != LED && probe[self] == IDLE ->
       stale[self] = false; heard[self] = SEES_ANSWER(self); probe[self] = ASKED_ONCE }
  :: atomic { probe[self] == ASKED_ONCE -> heard[self] = heard[self] || SEES_ANSWER(self); probe[self] = ASKED_TWICE }
  :: atomic { probe[self] == ASKED_TWICE ->
       probe[self] = IDLE;
#ifdef NO_PROBE
       heard[self] = false;
#endif
       if
       :: HAS_MAJORITY(self) -> skip
       :: else ->
            checked[self] = !stale[self];
            if
            :: heard[self] && !STAYS(self) -> stop(self)
            :: heard[self] && STAYS(self) -> mode[self] = CARETAKER; forwards[self] = true; grab(self)
            :: else ->
                 if
                 :: mode[self] != CARETAKER -> mode[self] = CARETAKER; forwards[self] = true; contend(self)
                 :: else
                 fi
            fi
       fi;
       heard[self] = false }

  /* The bin's server is out of reach: for all who can ask each other, or for this side alone. */
  :: atomic { up[self] && (mode[self] == CARETAKER || mode[self] == LED) && !dead[self] ->
       dead[self] = true;
       if :: IS_TOGETHER -> dead[OTHER(self)] = true :: else fi;
       excused = true }

  /* The leader commits what the fallback made of a dead server's bin, or moves the bin as planned. */
  :: atomic { CAN_COMMIT(self) && newest < VERSIONS && dead[self] ->
       missedRepair = missedRepair || !IS_TOGETHER; commitNext(self, FALLBACK(server[self])) }
  :: atomic { CAN_COMMIT(self) && newest < VERSIONS && !dead[self] &&
       PASSED_BARRIER(self) && QUIET(self) ->
         noteMove(self); commitNext(self, FALLBACK(server[self])) }
#ifdef CARETAKER_COMMITS
  :: atomic { mode[self] == CARETAKER && version[self] < VERSIONS ->
       version[self]++; server[self] = FALLBACK(server[self]); dead[self] = false }
#endif

  /* A client of this side. Where net A is whole, its packets may come in through the other. */
  :: atomic { up[self] && forwards[self] && openAt == 0 ->
       openAt = ROUTE(self) + 1; via = self;
       excused = dead[0] || dead[1] || missedRepair || ((missedMove[0] || missedMove[1]) && CARETAKER_EXCUSED) }
  :: atomic { openAt != 0 && via == self -> openAt = 0; via = 0; excused = false }
  :: atomic { openAt != 0 && up[self] && forwards[self] && (via == self || (wireA && answers[self])) ->
       assert(excused || openAt == ROUTE(self) + 1) }                                                          /* C1 */
  od
}

/* Both hear each other again: one leads, the other takes its state and drops what it did on its own. */
inline heal(winner) {
#ifndef KEEPS_BOTH
  version[OTHER(winner)] = version[winner]; server[OTHER(winner)] = server[winner];
#endif
#ifndef KEEPS_OVERLAY
  dead[0] = false; dead[1] = false;
#endif
  missedMove[0] = false; missedMove[1] = false; missedRepair = false;
  mode[0] = LED; mode[1] = LED;
  forwards[0] = true; forwards[1] = true;
  probe[0] = IDLE; probe[1] = IDLE; heard[0] = false; heard[1] = false;
  answers[winner] = true; answers[OTHER(winner)] = false;
  assert(version[0] == version[1] && version[winner] == newest && server[0] == committedServer[newest]);       /* S2 */
  assert(server[0] == server[1] && ROUTE(0) == ROUTE(1))                                                       /* S2 */
}

active proctype World() {
  byte side;
  atomic {
    committedServer[1] = 0; newest = 1;
    version[0] = 1; version[1] = 1;
    if :: answers[0] = true :: answers[1] = true :: answers[0] = true; answers[1] = true fi;     /* Both: one address each */
    run Side(0); run Side(1)
  }
  do
  :: atomic { wireA = !wireA; netsChanged() }
  :: atomic { wireB -> wireB = false; netsChanged() }
  :: atomic { !wireB -> wireB = true; netsChanged() }
  :: atomic { wireB && up[0] && up[1] && !IS_TOGETHER ->
       if
       :: version[0] >= version[1] -> heal(0)
       :: version[1] >= version[0] -> heal(1)
       fi;
       netsChanged() }
  :: atomic { select(side : 0 .. 1);
       if
       :: up[side] -> up[side] = false; stop(side); probe[side] = IDLE; heard[side] = false; dead[side] = false
       :: else -> up[side] = true;
            if :: HAS_MAJORITY(side) && !up[OTHER(side)] -> mode[side] = LED; forwards[side] = true :: else fi
       fi;
       netsChanged(); side = 0 }
  od
}

#define BOTH_FORWARD (up[0] && up[1] && forwards[0] && forwards[1])
#define IS_CUT (!wireB && checked[0] && checked[1])

/* Looks at every state. */
active proctype Watch() {
  do
  :: atomic { BOTH_FORWARD && wireA && IS_CUT -> assert(false) }                                               /* S1 */
  :: atomic { BOTH_FORWARD && version[0] == version[1] && ROUTE(0) != ROUTE(1) &&
       !dead[0] && !dead[1] -> assert(false) }                             /* S1 */
  :: atomic { BOTH_FORWARD && ROUTE(0) != ROUTE(1) &&
       ((missedMove[0] && !(mode[0] == CARETAKER && CARETAKER_EXCUSED)) ||
        (missedMove[1] && !(mode[1] == CARETAKER && CARETAKER_EXCUSED))) -> assert(false) }                     /* S1 */
  :: atomic { (server[0] != committedServer[version[0]] || server[1] != committedServer[version[1]]) && newest > 0 ->
       assert(false) }                                                                                         /* S2 */
  od
}
