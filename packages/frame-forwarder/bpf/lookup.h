/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_LOOKUP_H
#define TACOPLEX_LOOKUP_H

/*
 * Services by address, protocol and port. Two tables of buckets, each filled from its first slot
 * on; the control half has found multipliers with which no bucket overflows. So a look-up takes no
 * loop. Before the first one stands a filter: an address of no service, which most sources are,
 * takes one load.
 */
#include "forwarder.h"
#include "parsing.h"

/* Twin of `hashAddress` in xdp-engine/src/directory.ts. Upper bits of a multilinear hash.
 * See Lemire and Kaser, Strongly Universal String Hashing is Fast, 2014. */
static __always_inline __u64 hash_address(const struct image *image, int version,
					  const __u64 address[2])
{
	__u64 hash = address[0] * image->multipliers[0];

	return version == 6 ? hash + address[1] * image->multipliers[1] : hash;
}

/* False: it is none. True: it may be one. */
static __always_inline bool may_be_service(const struct image *image, int version,
					   const __u64 address[2])
{
	__u64 hash = hash_address(image, version, address);

	return image->filter[hash >> FILTER_WORD_SHIFT] >> (hash >> FILTER_BIT_SHIFT & 63) & 1;
}

static __always_inline const struct address_slot *find_address(const struct image *image,
							       int version, const __u64 address[2])
{
	__u32 bucket = hash_address(image, version, address) >> ADDRESS_BUCKET_SHIFT;
	const struct address_slot *slot = &image->addresses[bucket * SLOTS_PER_BUCKET];

#pragma unroll
	for (int i = 0; i < SLOTS_PER_BUCKET; i++) {
		if (slot[i].address[0] == address[0] && slot[i].version == version &&
		    (version == 4 || slot[i].address[1] == address[1]))
			return &slot[i];
		if (!slot[i].version)
			return NULL;
	}

	return NULL;
}

static __always_inline const struct service_slot *find_key(const struct image *image, __u64 key)
{
	__u32 bucket = key * image->multipliers[0] >> SERVICE_BUCKET_SHIFT;
	const struct service_slot *slot = &image->services[bucket * SLOTS_PER_BUCKET];

#pragma unroll
	for (int i = 0; i < SLOTS_PER_BUCKET; i++) {
		if (slot[i].key == key)
			return &slot[i];
		if (!slot[i].key)
			return NULL;
	}

	return NULL;
}

/* Ports as a client has them, and protocol, where keys of services have theirs. */
static __always_inline __u64 ports_and_protocol(__u32 ports, __u8 protocol)
{
	return ports | (__u64)protocol << SERVICE_PROTOCOL_SHIFT;
}

/* The service of (address, protocol, port), else of (address, protocol, every port), else of
 * (address, every protocol, every port). @tail: ports_and_protocol */
static __always_inline const struct service_slot *find_service(const struct image *image,
							       __u16 index, __u64 tail)
{
	__u64 key = (tail & ~0xffffULL) | index;
	const struct service_slot *slot = find_key(image, key);

	if (likely(slot))
		return slot;
	slot = find_key(image, key & ~SERVICE_PORT_MASK);
	return slot ? slot : find_key(image, index);
}

/* The service of a fragment that has no ports; NULL: none. It may be ambiguous which. */
static __always_inline const struct service_slot *find_fragment_service(const struct image *image,
									__u16 index, __u8 protocol)
{
	__u64 key = SERVICE_OF_FRAGMENTS | index;
	const struct service_slot *slot =
	    find_key(image, key | (__u64)protocol << SERVICE_PROTOCOL_SHIFT);

	return slot ? slot : find_key(image, key);
}

#endif
