/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_DATAPATH_H
#define TACOPLEX_DATAPATH_H

/*
 * What the programs of the datapath bench and src/datapath-layout.ts agree on. Numbers are in the
 * machine's own order; bytes of frames as they stand in a frame.
 */
#include <linux/types.h>

#define LANE_COUNT 16 /* more than there are forwarders to compare */
#define SERVER_NUMBERS 256

/* What is sent. Map: orders. Key: 0. */
struct order {
	__u64 head[7]; /* the first 60 bytes of each frame: all that forwarders may change */
	__u32 tail;
	__u32 is_ipv6;
	__u32 lane;	 /* key of the map lanes */
	__u32 flow_mask; /* how many flows, a power of two, less 1 */
	__u64 random;	 /* state of the generator; any value */
	__u64 numbered;	 /* frames that carry a number, so far: the number of the next one */
};

/* Where a frame's number stands: behind Ethernet, IPv4 and UDP headers, in the machine's order. */
#define NUMBER_OFFSET 42

/* How often the frames of these numbers have arrived. Map: seen. Key: number / NUMBERS_PER_ROW. */
#define NUMBERS_PER_ROW 4096
struct seen {
	__u8 times[NUMBERS_PER_ROW];
};

/* What frames look like that have been forwarded. Constant of the sink. */
struct route {
	__u64 forwarder_mac; /* and 2 zeros */
	__u32 server_prefix; /* of all servers' MAC addresses; behind it stands the number */
	__u32 reserved;
};

/* What has arrived. Map: arrivals. Key: number of the CPU that saw it. */
struct arrivals {
	__u64 frames; /* from a forwarder to a server, as their MAC addresses say */
	__u64 bytes;  /* of these */
	__u64 others;
	__u64 reserved;
	__u64 servers[SERVER_NUMBERS]; /* frames, by number of the server, modulo */
};

#endif
