/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_FORWARDER_H
#define TACOPLEX_FORWARDER_H

/*
 * What both halves of the xdp engine agree on: the control half mirrors it in
 * packages/xdp-engine/src/layout.ts, and a test compares the two through the type information in
 * the object file. Whoever changes it changes the layout number there: maps of another layout are
 * never adopted.
 *
 * Numbers are in the machine's own order; addresses, ports and MAC addresses as they stand in a
 * frame. All maps begin as zeros, and zeros are harmless: no service, every frame goes up the
 * stack.
 */
#include <linux/types.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "keys are hashed as little-endian words"
#endif

#define BIN_COUNT 65536 /* powers of two: hashes are masked, not divided */
#define SIDE_COUNT 2
#define GROUP_COUNT 16
#define SERVER_COUNT 65536
#define SERVICE_COUNT 1024
#define SLOTS_PER_BUCKET 4
#define ADDRESS_BUCKET_COUNT 2048
#define SERVICE_BUCKET_COUNT 4096
#define ADDRESS_BUCKET_SHIFT 53 /* the upper bits of a hash are the bucket */
#define SERVICE_BUCKET_SHIFT 52
#define FILTER_WORD_COUNT 256
#define FILTER_WORD_SHIFT 56 /* the upper 8 bits are the word, 6 behind them the bit in it */
#define FILTER_BIT_SHIFT 50
#define FRAGMENT_COUNT                                                                             \
	65536 /* datagrams remembered at a time: the one used longest ago gives way */
#define HELD_RING_BYTES (1 << 22) /* on their way to the process, which looks each 5 ms */
#define LONGEST_HELD 9024 /* bytes of a frame of MTU 9,000 with its tag, and a multiple of 64 */

/* Every way out. The names, verdicts and meanings are those of leveling/src/reasons.ts; behind them
 * come those of frame-forwarder/src/counters.ts that the forwarding function does not know. */
enum reason {
	REASON_FORWARDED,
	REASON_TRUNCATED,
	REASON_NOT_OURS,
	REASON_NOT_IP,
	REASON_VLAN_STACKED,
	REASON_NO_SERVICE,
	REASON_FRAGMENT_LATER,
	REASON_ICMP_OTHER,
	REASON_ICMP_QUOTE_TRUNCATED,
	REASON_ICMP_QUOTE_FOREIGN,
	REASON_ICMP_QUOTE_UNUSABLE,
	REASON_IPV6_MANY_HEADERS,
	REASON_IPV6_JUMBOGRAM,
	REASON_GROUP_MAC,
	REASON_IP_VERSION,
	REASON_IPV4_HEADER_LENGTH,
	REASON_IP_LENGTH,
	REASON_IPV6_HEADER_LENGTH,
	REASON_SOURCE_ADDRESS,
	REASON_TRANSPORT_TRUNCATED,
	REASON_TCP_OFFSET,
	REASON_NO_SERVER,
	REASON_NO_MAC,
	REASON_FENCED,
	REASON_NET_B_DOWN,
	REASON_SEND_FAILED, /* this one and the last two are counted by the process alone */
	REASON_FRAGMENT_OVERFLOW,
	REASON_FRAGMENT_EXPIRED,
	REASON_FRAGMENT_RELEASED,
	REASON_COUNT
};

/* Which fields of a packet make its key. Numbers as in leveling/src/affinity.ts. */
enum affinity {
	AFFINITY_FLOW,
	AFFINITY_CLIENT,
	AFFINITY_PORT,
	AFFINITY_IPID,
};

/* A service address. Slot of a hash table: full slots of a bucket come first. */
struct address_slot {
	__u64 address[2];   /* IPv4: the lower half of the first word, all else 0 */
	__u16 version;	    /* 4 or 6; 0: the slot is free */
	__u16 index;	    /* 1..SERVICE_COUNT, stands for the address in keys of services */
	__u16 ping_service; /* index of the service that answers pings */
	__u8 ping_group;    /* and its group */
	__u8 ping_affinity;
	__u64 reserved;
};

/* A service by (address, protocol, port), every port, or every protocol. Slot of a hash table. */
struct service_slot {
	__u64 key;	    /* see below; 0: the slot is free */
	__u16 service;	    /* 0..SERVICE_COUNT-1 */
	__u8 group;	    /* 0..GROUP_COUNT-1 */
	__u8 affinity;	    /* enum affinity */
	__u32 is_ambiguous; /* 1: several services could be meant, and it matters which */
};

/* Parts of such a key: 16 bits index of the address, 16 port as it stands or 0: every port, 8
 * protocol or 0: every protocol, 8 SERVICE_OF_FRAGMENTS. A flow's key has ports and protocol at
 * the same places. */
#define SERVICE_PORT_MASK 0xffff0000ULL
#define SERVICE_PROTOCOL_SHIFT 32
#define SERVICE_OF_FRAGMENTS (1ULL << 40) /* in place of the port, which they do not have */

/* A server by its number. One word, so that it is read and written whole. */
struct server {
	__u8 mac[6];  /* zeros: not known */
	__u8 is_dead; /* 1: its bins go to their fallback */
	__u8 reserved;
};

/* All that decides about a frame whose bin is settled. Map: images. Key: side. What each frame
 * needs stands close together: fewer lines of the cache are touched. */
struct image {
	__u64 hash_state[5]; /* of SipHash, half a round ahead: see sip_hash.h */
	__u8 our_mac[8]; /* of our net A interface, 2 zeros: frames to other addresses are not ours
			  */
	__u64 multipliers[2];		 /* odd: with them no bucket of the two tables overflows */
	__u64 filter[FILTER_WORD_COUNT]; /* has the bit of each service address, and so of few
					    others: most sources need no look-up */
	struct address_slot addresses[ADDRESS_BUCKET_COUNT * SLOTS_PER_BUCKET];
	struct service_slot services[SERVICE_BUCKET_COUNT * SLOTS_PER_BUCKET];
	struct server servers[SERVER_COUNT];
	__u16 settled[GROUP_COUNT][BIN_COUNT]; /* the base of each bin whose phase says no more; 0:
						  see its struct bin */
};

/* Where the frames of one bin go. Map: bins. Key: (side * GROUP_COUNT + group) * BIN_COUNT + bin.
 */
struct bin {
	__u16 base;	     /* number of a server; 0: nobody */
	__u16 fallback;	     /* who takes over while the base is dead */
	__u16 reserved;	     /* for the target of a bin that moves */
	__u8 reserved_owner; /* for the leveler that decides meanwhile */
	__u8 phase;	     /* 0: settled, the only one there is */
};

/* Which side counts, and what is asked of every frame. Map: control. Key: 0. */
struct control {
	__u64 forward_until_ns; /* CLOCK_BOOTTIME; 0: not at all; all ones: for ever */
	__u8 source_mac[8];	/* of our net B interface, 2 zeros */
	__u32 side;		/* 0 or 1, of images and bins */
	__u32 is_one_arm;	/* 1: net B is the interface the frame came in on */
};

struct traffic {
	__u64 packets;
	__u64 bytes; /* of frames, without check sequence */
};

/* What one CPU has counted, and the lease as it last saw it. Map: counters. Key: number of the CPU.
 * Frames that are forwarded are counted by server and service only: the sums are equal. */
struct counters {
	__u64 good_tick;     /* jiffies at the last look at the clock, if the lease held then */
	__u64 good_until_ns; /* the lease that was looked at */
	__u64 over_tick;     /* the same, if it did not */
	__u64 over_until_ns;
	__u64 reserved[4];
	__u64 reasons[32];				     /* frames, by enum reason */
	struct traffic services[SIDE_COUNT * SERVICE_COUNT]; /* by side * SERVICE_COUNT + index */
	struct traffic servers[SERVER_COUNT];		     /* by number */
};

/* What the fragments of one datagram have in common; the words of leveling/src/fragment-table.ts.
 * Map: fragments. */
struct fragment_key {
	__u64 source[2]; /* as in struct address_slot */
	__u64 destination[2];
	__u32 identification; /* as it stands; IPv4: 2 bytes, then zeros */
	__u8 version;	      /* 4 or 6 */
	__u8 protocol;	      /* IPv6: 0, for later fragments may not show it */
	__u16 reserved;
};

/* Where the first fragment of a datagram went, or that the process waits for it. */
struct fragment_entry {
	__u64 until_ns; /* CLOCK_BOOTTIME */
	__u64 way; /* of the first one; 0: it is awaited. One word, so that it is changed whole */
};

/* Parts of a way: 32 bits both ports as they stand, 16 number of the server, 8 protocol behind all
 * extension headers, 8 WAY_IS_KNOWN. */
#define WAY_SERVER_SHIFT 32
#define WAY_PROTOCOL_SHIFT 48
#define WAY_IS_KNOWN (1ULL << 56)

/* Said to the process: here is a fragment that came before its first one, or, without bytes, here
 * is the way of one that it waits for. The frame stands behind it. Map: held. */
struct held {
	struct fragment_key key;
	__u64 way;   /* 0: a frame to be held */
	__u64 at_ns; /* CLOCK_BOOTTIME */
	__u32 length;
	__u32 reserved;
};

/* What becomes of one frame, told in full. Map: explained. Key: 0. */
struct decision {
	__u64 hash;    /* of the key; 0: none was made */
	__s32 service; /* index; -1: none */
	__s32 group;   /* of that service; -1: no service */
	__s32 bin;     /* -1: no key was made */
	__u32 server;  /* its number if the frame is forwarded, or nothing but its MAC address is
			  missing */
	__u64 mac;     /* of that server, as it stands in a frame, then 2 zeros */
	enum reason reason;
	__u32 reserved;
};

#endif
