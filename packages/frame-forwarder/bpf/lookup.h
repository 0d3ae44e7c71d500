/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_LOOKUP_H
#define TACOPLEX_LOOKUP_H

/*
 * Services by address, protocol and port. Two tables of buckets, each filled from its first slot
 * on; the control half has found a multiplier with which no bucket overflows. So a look-up takes no
 * loop, and an address of no service, which most sources are, one load.
 */
#include "forwarder.h"
#include "parsing.h"

/* Twin of `mix` in src/xdp-directory.ts. */
static __always_inline __u32 mix(__u32 hash, __u32 word, __u32 multiplier)
{
	hash = (hash ^ word) * multiplier;
	return hash ^ hash >> 15;
}

static __always_inline const struct address_slot *find_address(const struct image *image,
							       int version, const __u64 address[2])
{
	const struct address_slot *slot;
	__u32 hash, bucket;

	hash = mix(0, address[0], image->multiplier);
	if (version == 6) {
		hash = mix(hash, address[0] >> 32, image->multiplier);
		hash = mix(hash, address[1], image->multiplier);
		hash = mix(hash, address[1] >> 32, image->multiplier);
	}

	bucket = hash >> (image->address_shift & 31) & (ADDRESS_BUCKET_COUNT - 1);
	slot = &image->addresses[bucket * SLOTS_PER_BUCKET];
#pragma unroll
	for (int i = 0; i < SLOTS_PER_BUCKET; i++, slot++) {
		if (!slot->version)
			return NULL;
		if (slot->version == version && slot->address[0] == address[0] &&
		    (version == 4 || slot->address[1] == address[1]))
			return slot;
	}

	return NULL;
}

static __always_inline const struct service_slot *find_place(const struct image *image, __u16 index,
							     __u8 protocol, __u32 port)
{
	__u32 place = (index << 8 | protocol) + 1;
	__u32 hash = mix(mix(0, place, image->multiplier), port, image->multiplier);
	__u32 bucket = hash >> (image->service_shift & 31) & (SERVICE_BUCKET_COUNT - 1);
	const struct service_slot *slot = &image->services[bucket * SLOTS_PER_BUCKET];
	__u64 key = (__u64)port << 32 | place;
	__u64 found;

#pragma unroll
	for (int i = 0; i < SLOTS_PER_BUCKET; i++) {
		found = *(const __u64 *)&slot[i]; /* Place and port in one load */
		if (!found)
			return NULL;
		if (found == key)
			return &slot[i];
	}

	return NULL;
}

/* The service of (address, protocol, port), else of (address, protocol, every port), else of
 * (address, every protocol, every port). */
static __always_inline const struct service_slot *
find_service(const struct image *image, __u16 index, __u8 protocol, __u16 port)
{
	const struct service_slot *slot = find_place(image, index, protocol, port);

	if (likely(slot))
		return slot;
	slot = find_place(image, index, protocol, 0);
	return slot ? slot : find_place(image, index, 0, 0);
}

/* The service of a fragment that has no ports; NULL: none. It may be ambiguous which. */
static __always_inline const struct service_slot *find_fragment_service(const struct image *image,
									__u16 index, __u8 protocol)
{
	const struct service_slot *slot = find_place(image, index, protocol, ANY_FRAGMENT);

	return slot ? slot : find_place(image, index, 0, ANY_FRAGMENT);
}

#endif
