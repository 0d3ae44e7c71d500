/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the program that troubles the wires of a laboratory and the process that loads it agree on.
 */
#ifndef TACOPLEX_LAB_TROUBLE_H
#define TACOPLEX_LAB_TROUBLE_H

#include <linux/types.h>

#define RULE_COUNT 128
#define LONGEST_HELD 1536 /* bytes of a frame that can be delayed; longer ones are not */

/* Which frames a rule is for. */
enum kind {
	KIND_ALL,
	KIND_CLUSTER, /* UDP to the levelers' own port */
	KIND_ARP,     /* ARP, and Neighbour Discovery */
	KIND_DATA,    /* everything else */
};

/* What happens to the frames on their way to one host. Map: rules. Key: 0..RULE_COUNT-1. The first
 * rule that fits a frame is the one that counts. Chances are in millionths. */
struct rule {
	__u32 port;	 /* interface index of the bridge's end of the host's cable */
	__u32 kind;	 /* enum kind */
	__u8 source[6];	 /* of whoever sent the frame on this wire */
	__u8 has_source; /* 0: whoever sent it */
	__u8 copies; /* how many more a doubled frame has, at most; their number is drawn from 1 on
		      */
	__u32 loss;
	__u32 doubling;
	__u32 corruption; /* one bit behind the Ethernet header is turned */
	__u32 delay;
	__u32 also; /* interface index of another port that gets a copy; 0: none */
	__u32 delay_from_us;
	__u32 delay_to_us; /* each delayed frame, and each copy, draws its own */
};

/* Frames by what happened to them. Map: counts. Key: as of the rule. */
struct count {
	__u64 seen;
	__u64 lost;
	__u64 copied;
	__u64 corrupted;
	__u64 delayed;
	__u64 undelayed; /* too long, or too many at once */
};

/* Map: settings. One entry. */
struct settings {
	__u64 seed;
	__u64 drawn; /* random numbers so far */
	__u32 rule_count;
	__u16 cluster_port; /* host order */
	__u16 reserved;
};

/* A frame that is to be sent later. Map: held. */
struct held {
	__u32 port;
	__u32 delay_us;
	__u32 length;
	__u32 reserved;
	__u8 bytes[LONGEST_HELD];
};

#endif
