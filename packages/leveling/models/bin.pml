/*
 * One bin on its way from server OLD to server NEW (or, on second thoughts, to OTHER), and no connection breaks.
 *
 * A packet may enter by any leveler that is not fenced. In the phases of the bin:
 *   settled     each leveler forwards by itself
 *   preparing   each hands the bin's packets to the owner, who sends new connections to OLD and writes them down
 *   moving      the owner sends new connections to the target, and writes each down before it does
 *   landing     whatever is not written down goes to the target
 *   settled     each forwards by itself again, now to the target
 *
 * In the model: packets of each connection on each stretch of the way as flags, so that copies, delay, loss and any
 * order are in it; levelers that are fenced and come back at any time; a table of exceptions that is full; a second
 * thought while the bin moves.
 *
 *   B1  no packet of an open connection reaches another server than the one that has the connection
 *
 * LEVELERS     leveler 0 is the owner and stays; the others come and go.
 * CONNECTIONS  two, so that what is done for one cannot be undone for another.
 * OWNER_CRASH  also: the owner dies once, and its successor knows only those exceptions that were copied to it in time.
 *              Connections whose exception was not may break; no other.
 *
 * Rules that can be switched off, each of which must then be missed:
 *   NO_BARRIER   the owner decides before all others hand it their packets
 *   NO_FENCE     a leveler that has not heard of the change goes on forwarding by itself
 *   NO_SETTLING  the bin moves while new connections that are not written down are half open, or on the wire
 *   NO_QUIET     the bin lands while connections that are not written down are open at OLD
 *   NO_UNMIXED   all forward by themselves while an exception names another server than the target
 * and one that may be:
 *   PURGES_EARLY exceptions are deleted before the others forward by themselves again
 */
#ifndef LEVELERS
#define LEVELERS 2
#endif
#ifndef CONNECTIONS
#define CONNECTIONS 1
#endif
#define LAST (CONNECTIONS - 1)

/* Servers; 0 is none. */
#define OLD 1
#define NEW 2
#define OTHER 3

/* How a leveler treats packets of the bin. */
#define FORWARDS_OLD 0
#define HANDS_OVER 1
#define FORWARDS_FINAL 2
#define FENCED 3
byte treats[LEVELERS];
byte announced = FORWARDS_OLD;                                /* What one that comes back begins with */

/* How the owner treats packets that are handed to it. */
#define ALL_OLD 0
#define NEW_TO_TARGET 1
#define REST_TO_FINAL 2
byte owner = ALL_OLD;
byte target = NEW;
byte final = OLD;                                             /* Where the bin's packets go in the end */

/* Each connection: the server that its exception names, the server that has it, whether it is over. */
byte exception[CONNECTIONS];
byte openAt[CONNECTIONS];
bool closed[CONNECTIONS];
byte copied[CONNECTIONS];                                     /* Its exception, as the owner's successor knows it */
bool excused[CONNECTIONS];                                    /* Its exception died with the owner */
bool crashed;

/* On the wire: first packets (SYN) and later ones, to the owner, and to each server; half-open sockets. */
bool synToOwner[CONNECTIONS];
bool dataToOwner[CONNECTIONS];
#define AT(connection, server) ((connection) * 4 + (server))
bool synTo[4 * CONNECTIONS];
bool dataTo[4 * CONNECTIONS];
bool halfOpen[4 * CONNECTIONS];

/* Guards of the leader's steps, as seen from outside: how they are known is another matter. */
#define SYN_TO_SERVER(c) (synTo[AT(c, OLD)] || synTo[AT(c, NEW)] || synTo[AT(c, OTHER)])
#define HALF_OPEN(c) (halfOpen[AT(c, OLD)] || halfOpen[AT(c, NEW)] || halfOpen[AT(c, OTHER)])
#define UNSETTLED(c) (exception[c] == 0 && (synToOwner[c] || (openAt[c] == 0 && (HALF_OPEN(c) || SYN_TO_SERVER(c)))))
#define BUSY_AT_OLD(c) (exception[c] == 0 && !closed[c] && (openAt[c] == OLD || \
  (openAt[c] == 0 && (halfOpen[AT(c, OLD)] || synTo[AT(c, OLD)] || synToOwner[c]))))
#define MIXED(c) (!closed[c] && exception[c] != 0 && exception[c] != final)

/* A packet comes in by a leveler: a first one, or a later one, as the flags say that are handed in. */
#define ENTER(c, leveler, toOwner, toServer) \
  if \
  :: treats[leveler] == FORWARDS_OLD -> toServer[AT(c, OLD)] = true \
  :: treats[leveler] == HANDS_OVER -> toOwner[c] = true \
  :: treats[leveler] == FORWARDS_FINAL -> toServer[AT(c, final)] = true \
  fi

proctype Connection(byte c) {
  byte leveler; byte server;
  do
  /* The client: first packets until one is answered, then data, then the end. */
  :: atomic { openAt[c] == 0 -> select(leveler : 0 .. LEVELERS - 1);
       if :: treats[leveler] != FENCED -> ENTER(c, leveler, synToOwner, synTo) :: else fi }
  :: atomic { openAt[c] != 0 && !closed[c] -> select(leveler : 0 .. LEVELERS - 1);
       if :: treats[leveler] != FENCED -> ENTER(c, leveler, dataToOwner, dataTo) :: else fi }
  :: atomic { openAt[c] == 0 -> select(server : 1 .. 3); if :: halfOpen[AT(c, server)] -> openAt[c] = server :: else fi }
  :: atomic { openAt[c] != 0 && !closed[c] -> closed[c] = true }

  /* The owner. */
  :: atomic { synToOwner[c] -> synToOwner[c] = false;
       if
       :: exception[c] != 0 -> synTo[AT(c, exception[c])] = true
       :: exception[c] == 0 && owner == ALL_OLD ->
            if :: exception[c] = OLD :: skip /* The table is full */ fi;
            synTo[AT(c, OLD)] = true
       :: exception[c] == 0 && owner == NEW_TO_TARGET -> exception[c] = target; synTo[AT(c, target)] = true
       :: exception[c] == 0 && owner == REST_TO_FINAL -> synTo[AT(c, final)] = true
       fi }
  :: atomic { dataToOwner[c] -> dataToOwner[c] = false;
       if
       :: exception[c] != 0 -> dataTo[AT(c, exception[c])] = true
       :: exception[c] == 0 && owner == REST_TO_FINAL -> dataTo[AT(c, final)] = true
       :: exception[c] == 0 && owner != REST_TO_FINAL -> dataTo[AT(c, OLD)] = true
       fi }

  /* The wire loses packets, and the servers take them. */
  :: atomic { synToOwner[c] -> synToOwner[c] = false }
  :: atomic { dataToOwner[c] -> dataToOwner[c] = false }
  :: atomic { select(server : 1 .. 3);
       if :: synTo[AT(c, server)] -> synTo[AT(c, server)] = false; halfOpen[AT(c, server)] = true :: else fi }
  :: atomic { select(server : 1 .. 3); if :: synTo[AT(c, server)] -> synTo[AT(c, server)] = false :: else fi }
  :: atomic { select(server : 1 .. 3);
       if
       :: dataTo[AT(c, server)] -> dataTo[AT(c, server)] = false;
            assert(closed[c] || openAt[c] == server || excused[c])                                             /* B1 */
       :: else
       fi }
  :: atomic { closed[c] && !synToOwner[c] && !dataToOwner[c] -> break }
  od
}

proctype Fate() {
  byte leveler; byte c;
  do
#ifdef OWNER_CRASH
  :: atomic { select(c : 0 .. LAST); copied[c] = exception[c]; c = 0 }
  :: atomic { !crashed -> crashed = true;
       for (c : 0 .. LAST) {
         if :: exception[c] != copied[c] -> excused[c] = true; exception[c] = copied[c] :: else fi
       };
       if :: owner == NEW_TO_TARGET -> owner = ALL_OLD :: else fi;
       c = 0 }
#endif
  :: atomic { select(leveler : 1 .. LEVELERS - 1);
       if :: treats[leveler] != FENCED -> treats[leveler] = FENCED :: else fi }
  :: atomic { select(leveler : 1 .. LEVELERS - 1);
       if :: treats[leveler] == FENCED -> treats[leveler] = announced :: else fi }
  od
}

/* Every leveler treats the bin so from now on, one after the other, or is fenced. */
#define EVERYWHERE(how) \
  for (leveler : 0 .. LEVELERS - 1) { atomic { if :: treats[leveler] != FENCED -> treats[leveler] = how :: else fi } }

active proctype Leader() {
  byte c; byte leveler;
  run Fate();
  for (c : 0 .. LAST) { run Connection(c) }

  /* settled -> preparing */
  announced = HANDS_OVER;
#ifdef NO_BARRIER
  owner = NEW_TO_TARGET;
#endif
  EVERYWHERE(HANDS_OVER)
#ifdef NO_FENCE
  atomic { if :: treats[1] != FENCED -> treats[1] = FORWARDS_OLD :: else fi }
#endif

  /* preparing -> moving */
#ifdef NO_SETTLING
  owner = NEW_TO_TARGET;
#else
  atomic { (!UNSETTLED(0) && !UNSETTLED(LAST)) -> owner = NEW_TO_TARGET }
#endif
  if
  :: skip
  :: atomic { target = OTHER }                                /* A second change of the table while the bin moves */
  fi;
  if
  :: skip
  :: atomic { owner = ALL_OLD };                              /* The table of exceptions is full: back, and again */
     atomic { (!UNSETTLED(0) && !UNSETTLED(LAST)) -> owner = NEW_TO_TARGET }
  fi;

  /* moving -> landing */
#ifdef NO_QUIET
  atomic { owner = REST_TO_FINAL; final = target }
#else
  atomic { (!BUSY_AT_OLD(0) && !BUSY_AT_OLD(LAST)) -> owner = REST_TO_FINAL; final = target }
#endif

  /* landing -> settled */
#ifdef NO_UNMIXED
  announced = FORWARDS_FINAL;
#else
  atomic { (!MIXED(0) && !MIXED(LAST)) -> announced = FORWARDS_FINAL }
#endif
#ifdef PURGES_EARLY
  atomic { for (c : 0 .. LAST) { exception[c] = 0 } }
#endif
  EVERYWHERE(FORWARDS_FINAL)
  atomic { for (c : 0 .. LAST) { exception[c] = 0 } }
}
