/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_DECIDE_H
#define TACOPLEX_DECIDE_H

/*
 * The forwarding function: twin of leveling/src/decide.ts, for whatever comes.
 * usual.h has a shorter way for most packets.
 */
#include "flow_key.h"
#include "forwarder.h"
#include "lookup.h"
#include "maps.h"
#include "parsing.h"

#define MAC_MASK 0xffffffffffffULL /* of 8 bytes read as a word: the 6 that are the address */

/* What is known about a frame before it is decided. */
struct view {
	struct frame frame;
	const struct image *image;
	__u32 side;
};

/* What is to be known of a fragment beside what becomes of it. */
struct fragment_note {
	struct fragment_key key;
	__u32 ports;   /* as they stand; 0: none */
	__u8 protocol; /* behind all extension headers */
	__u8 kind;     /* enum fragment; FRAGMENT_WHOLE: it is none, or quoted */
	__u16 reserved;
};

struct judgement {
	struct decision decision;
	struct fragment_note fragment;
};

/* The service a packet is for, as it stands in a slot of either table. */
struct choice {
	__u16 service;
	__u8 group;
	__u8 affinity;
};

/* One load, so that the MAC address and the flag belong together. */
static __always_inline __u64 server_word(const struct image *image, __u16 number)
{
	return *(const volatile __u64 *)&image->servers[number];
}

static __always_inline bool is_dead(__u64 server)
{
	return server >> 48 & 0xff;
}

/* @server: the word of server @number; 0: nobody */
static __always_inline enum reason deliver_to(__u16 number, __u64 server, struct decision *out)
{
	if (unlikely(!number || is_dead(server)))
		return REASON_NO_SERVER;
	out->server = number;
	out->mac = server & MAC_MASK;
	return likely(out->mac) ? REASON_FORWARDED : REASON_NO_MAC;
}

/* A settled bin goes to its base, or, while that is dead, to its fallback. */
static __always_inline enum reason deliver(const struct view *view, struct decision *out)
{
	__u32 key = (view->side * GROUP_COUNT + out->group) * BIN_COUNT + out->bin;
	const struct bin *bin = bpf_map_lookup_elem(&bins, &key);
	__u64 server;
	__u16 number;

	if (!bin)
		return REASON_NO_SERVER;
	number = bin->base;
	server = server_word(view->image, number);
	if (unlikely(is_dead(server))) {
		number = bin->fallback;
		server = server_word(view->image, number);
	}

	return deliver_to(number, server, out);
}

static __always_inline enum reason why_no_service(const struct packet *packet, enum reason reason)
{
	if (packet->fragment == FRAGMENT_LATER && packet->is_quoted)
		return REASON_ICMP_QUOTE_UNUSABLE;
	return reason;
}

/* Behind a fragment header another extension header may hide the protocol. Pings need no more than
 * an address. */
static __always_inline enum reason find_fragment(const struct image *image,
						 const struct address_slot *address,
						 struct packet *packet,
						 const struct service_slot **slot)
{
	if (packet->version == 6 && is_extension_header(packet->protocol))
		return REASON_FRAGMENT_LATER;
	packet->is_ping = is_icmp(packet);
	if (packet->is_ping)
		return REASON_FORWARDED;
	*slot = find_fragment_service(image, address->index, packet->protocol);
	if (!*slot)
		return REASON_NO_SERVICE;
	return (*slot)->is_ambiguous ? REASON_FRAGMENT_LATER : REASON_FORWARDED;
}

/* Returns REASON_FORWARDED if there is one. */
static __always_inline enum reason choose_service(const struct image *image,
						  const struct address_slot *address,
						  struct packet *packet, struct choice *choice)
{
	const struct service_slot *slot = NULL;
	enum reason reason = REASON_FORWARDED;

	if (unlikely(packet->fragment == FRAGMENT_LATER)) {
		reason = find_fragment(image, address, packet, &slot);
	} else if (likely(!packet->is_ping)) {
		slot = find_service(image, address->index,
				    ports_and_protocol(turned_ports(packet), packet->protocol));
	}

	if (reason)
		return reason;
	if (packet->is_ping) {
		*choice = (struct choice){address->ping_service, address->ping_group,
					  address->ping_affinity};
		return REASON_FORWARDED;
	}

	if (!slot)
		return REASON_NO_SERVICE;
	*choice = (struct choice){slot->service, slot->group, slot->affinity};
	return REASON_FORWARDED;
}

/* Service, key and bin. */
static __always_inline void place_packet(const struct view *view, const struct choice *choice,
					 const struct packet *packet, int version, int kind,
					 struct decision *out)
{
	out->service = choice->service & (SERVICE_COUNT - 1);
	out->group = choice->group & (GROUP_COUNT - 1);
	out->hash = hash_packet(view->image, packet, version, kind);
	out->bin = out->hash & (BIN_COUNT - 1);
}

/* Find service, key, bin and server of a packet that nothing speaks against. */
static __always_inline enum reason level(const struct view *view,
					 const struct address_slot *address, struct packet *packet,
					 int version, struct decision *out)
{
	struct choice choice;
	enum reason reason;
	int kind;

	reason = choose_service(view->image, address, packet, &choice);
	if (reason)
		return why_no_service(packet, reason);
	kind = key_kind(choice.affinity, packet);
	if (kind == NO_KIND)
		return why_no_service(packet, REASON_FRAGMENT_LATER);
	place_packet(view, &choice, packet, version, kind, out);
	return deliver(view, out);
}

static __always_inline void note_fragment(const struct packet *packet, int version,
					  struct fragment_note *out)
{
	out->key.source[0] = packet->source[0];
	out->key.source[1] = packet->source[1];
	out->key.destination[0] = packet->destination[0];
	out->key.destination[1] = packet->destination[1];
	out->key.identification = packet->identification;
	out->key.version = version;
	out->key.protocol = version == 4 ? packet->protocol : 0;
	out->ports = packet->ports;
	out->protocol = packet->protocol;
	out->kind = packet->fragment;
}

/* A branch is foreseen; an index would be waited for by all that comes behind it. */
static __always_inline const struct image *image_of(__u32 side)
{
	__u32 first = 0, second = 1;

	if (side) {
		barrier(); /* Or the two become one again */
		return bpf_map_lookup_elem(&images, &second);
	}

	return bpf_map_lookup_elem(&images, &first);
}

/* Say what becomes of a packet for a service address that nothing speaks against. Not inlined, so
 * that the verifier looks at it once and not for each family. Returns enum reason. */
__noinline int judge(__u32 side, struct packet *packet, struct judgement *out)
{
	struct view view = {.image = image_of(side & (SIDE_COUNT - 1)),
			    .side = side & (SIDE_COUNT - 1)};
	const struct address_slot *address;

	if (!packet || !out || !view.image)
		return REASON_TRUNCATED;
	address = find_address(view.image, packet->version,
			       packet->is_quoted ? packet->source : packet->destination);
	if (!address)
		return REASON_NO_SERVICE;
	if (packet->fragment && !packet->is_quoted)
		note_fragment(packet, packet->version, &out->fragment);
	return level(&view, address, packet, packet->version, &out->decision);
}

static __always_inline bool is_group_mac(__u64 mac)
{
	return mac & 1;
}

static __always_inline __u64 destination_mac(const struct frame *frame)
{
	return *(const __u64 *)frame->data & MAC_MASK;
}

/* 0/8, loopback, multicast or broadcast. See RFC 1812, 5.3.7. */
static __always_inline bool is_impossible_ipv4(__u32 source)
{
	__u8 first = source;

	return first == 0 || first == 127 || (first >= 224 && first < 240) || source == 0xffffffff;
}

/* Unspecified, loopback or multicast. See RFC 4291, 2. */
static __always_inline bool is_impossible_ipv6(const __u64 source[2])
{
	return (source[0] & 0xff) == 0xff ||
	       (!source[0] && (!source[1] || source[1] == 1ULL << 56));
}

static __always_inline bool is_service(const struct image *image, int version,
				       const __u64 address[2])
{
	return may_be_service(image, version, address) && find_address(image, version, address);
}

static __always_inline enum reason decide_ipv4(struct xdp_md *ctx, const struct view *view,
					       __u64 start, struct judgement *out)
{
	const struct iphdr *ip = bytes_at(&view->frame, start, sizeof(*ip));
	struct packet packet = {.version = 4, .start = start, .end = view->frame.length};
	enum reason reason;

	if (unlikely(!ip))
		return REASON_TRUNCATED;
	packet.source[0] = ip->saddr;
	packet.destination[0] = ip->daddr;
	if (!is_service(view->image, 4, packet.destination))
		return REASON_NO_SERVICE;
	if (unlikely(is_group_mac(destination_mac(&view->frame))))
		return REASON_GROUP_MAC;
	reason = read_ipv4(ip, &packet);
	if (unlikely(reason))
		return reason;
	if (unlikely(is_impossible_ipv4(ip->saddr) || is_service(view->image, 4, packet.source)))
		return REASON_SOURCE_ADDRESS;
	reason = read_transport(ctx, &view->frame, &packet);
	return unlikely(reason) ? reason : (enum reason)judge(view->side, &packet, out);
}

static __always_inline enum reason decide_ipv6(struct xdp_md *ctx, const struct view *view,
					       __u64 start, struct judgement *out)
{
	const struct ipv6hdr *ip = bytes_at(&view->frame, start, sizeof(*ip));
	struct packet packet = {.version = 6, .start = start, .end = view->frame.length};
	enum reason reason;

	if (unlikely(!ip))
		return REASON_TRUNCATED;
	copy_address(packet.source, &ip->saddr);
	copy_address(packet.destination, &ip->daddr);
	if (!is_service(view->image, 6, packet.destination))
		return REASON_NO_SERVICE;
	if (unlikely(is_group_mac(destination_mac(&view->frame))))
		return REASON_GROUP_MAC;
	reason = read_ipv6(ctx, ip, &packet);
	if (unlikely(reason))
		return reason;
	if (unlikely(is_impossible_ipv6(packet.source) ||
		     is_service(view->image, 6, packet.source)))
		return REASON_SOURCE_ADDRESS;
	reason = read_transport(ctx, &view->frame, &packet);
	return unlikely(reason) ? reason : (enum reason)judge(view->side, &packet, out);
}

static __always_inline enum reason decide_frame(struct xdp_md *ctx, const struct view *view,
						struct judgement *out)
{
	const struct ethhdr *eth = bytes_at(&view->frame, 0, sizeof(*eth));
	__u64 start = sizeof(*eth);
	__u16 *tag, type;

	if (!eth)
		return REASON_TRUNCATED;
	if (destination_mac(&view->frame) != *(const __u64 *)view->image->our_mac &&
	    !is_group_mac(destination_mac(&view->frame)))
		return REASON_NOT_OURS;
	type = eth->h_proto;
	if (type == bpf_htons(ETH_P_8021Q)) {
		tag = bytes_at(&view->frame, start, TAG_BYTES);
		if (!tag)
			return REASON_TRUNCATED;
		type = tag[1];
		start += TAG_BYTES;
	}

	if (type == bpf_htons(ETH_P_IP))
		return decide_ipv4(ctx, view, start, out);
	if (type == bpf_htons(ETH_P_IPV6))
		return decide_ipv6(ctx, view, start, out);
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD)
		   ? REASON_VLAN_STACKED
		   : REASON_NOT_IP;
}

/* The side is read once: all that a frame meets is of one side. */
static __always_inline struct view view_of(struct xdp_md *ctx, __u32 side)
{
	__u32 key = side & (SIDE_COUNT - 1);

	return (struct view){frame_of(ctx), image_of(key), key};
}

/* Say what becomes of any frame. Changes nothing but @out, which is empty before. Returns enum
 * reason. */
__noinline int decide_fully(struct xdp_md *ctx, __u32 side, struct judgement *out)
{
	struct view view = view_of(ctx, side);

	if (!out || !view.image)
		return REASON_TRUNCATED;
	return decide_frame(ctx, &view, out);
}

#endif
