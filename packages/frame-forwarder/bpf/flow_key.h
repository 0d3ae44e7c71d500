/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_FLOW_KEY_H
#define TACOPLEX_FLOW_KEY_H

/* What is hashed of a packet: twin of leveling/src/flow-key.ts, where the layout of a key is told.
 */
#include "forwarder.h"
#include "lookup.h"
#include "parsing.h"
#include "sip_hash.h"

#define NO_KIND (-1)

/* The kind of key a packet gets; NO_KIND: it has not what the key needs. */
static __always_inline int key_kind(enum affinity affinity, const struct packet *packet)
{
	if (affinity == AFFINITY_CLIENT || packet->is_ping)
		return AFFINITY_CLIENT;
	if (affinity == AFFINITY_IPID && packet->version == 4 && packet->protocol == IPPROTO_UDP &&
	    !packet->is_quoted)
		return AFFINITY_IPID;
	if (packet->fragment == FRAGMENT_LATER)
		return NO_KIND;
	if (affinity == AFFINITY_PORT)
		return packet->has_ports ? AFFINITY_PORT : AFFINITY_CLIENT;
	return AFFINITY_FLOW;
}

/* Source port, 2 bytes, and destination port, as the client has them. */
static __always_inline __u32 turned_ports(const struct packet *packet)
{
	return packet->is_quoted ? packet->ports << 16 | packet->ports >> 16 : packet->ports;
}

/* The last word of a key: ports, protocol, kind. */
static __always_inline __u64 key_tail(const struct packet *packet, int kind)
{
	__u64 tail = (__u64)kind << 40;

	if (kind == AFFINITY_CLIENT)
		return tail;
	if (kind == AFFINITY_PORT)
		return tail | (turned_ports(packet) & 0xffff);
	return tail | ports_and_protocol(kind == AFFINITY_IPID ? packet->identification
							       : turned_ports(packet),
					 packet->protocol);
}

static __always_inline __u64 hash_packet(const struct image *image, const struct packet *packet,
					 int version, int kind)
{
	const __u64 *source = packet->is_quoted ? packet->destination : packet->source;
	const __u64 *destination = packet->is_quoted ? packet->source : packet->destination;
	bool has_source = kind != AFFINITY_PORT;
	bool has_destination = kind == AFFINITY_FLOW || kind == AFFINITY_IPID;
	__u64 from = has_source ? source[0] : 0;
	__u64 to = has_destination ? destination[0] : 0;
	__u64 tail = key_tail(packet, kind);

	barrier_var(tail); /* Or the compiler hashes once for each kind of key */
	if (version == 4) {
		from |= to << 32;
		barrier_var(from);
		return sip_hash_14(image->hash_state, from, tail);
	}

	const __u64 words[5] = {from, has_source ? source[1] : 0, to,
				has_destination ? destination[1] : 0, tail};

	return sip_hash_38(image->hash_state, words);
}

#endif
