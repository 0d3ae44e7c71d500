/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the program that cuts the cables of a laboratory and the process that loads it agree on. */
#ifndef TACOPLEX_LAB_POWER_H
#define TACOPLEX_LAB_POWER_H

#include <linux/types.h>

#define HOST_COUNT 32
#define CABLE_COUNT 128

/* Whose cable it is, and which of its cables. Map: cables. Key: the interface index of the bridge's
 * end. */
struct cable {
	__u32 host; /* key of the map dead */
	__u32 bit;  /* of its value */
};

#endif
