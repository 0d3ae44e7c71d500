/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_USUAL_H
#define TACOPLEX_USUAL_H

/*
 * The short way: whole TCP and UDP packets for a service, untagged, with neither options nor
 * extension headers. Everything stands where a constant says, and one bounds check is enough.
 *
 * It never says no. Whatever it has any doubt about goes the full way of decide.h, which knows the
 * reason; tests hold the answers of both against the same twin.
 */
#include "decide.h"

/* Shorter frames go the full way. */
#define USUAL_BYTES (sizeof(struct ethhdr) + sizeof(struct iphdr) + 20)

/* @transport: 20 bytes of TCP, 8 of UDP, that are there; @bytes: at least 8, of the packet */
static __always_inline bool is_usual_transport(__u8 protocol, const __u8 *transport, __u64 bytes)
{
	__u64 header_bytes;

	if (protocol == IPPROTO_UDP)
		return true;
	if (protocol != IPPROTO_TCP)
		return false;
	header_bytes = (transport[12] >> 4) * 4;
	return header_bytes >= 20 && header_bytes <= bytes;
}

/* False unless the bin is settled, and its server lives and has a MAC address. */
static __always_inline bool deliver_usual(const struct image *image, struct decision *out)
{
	__u64 server;

	out->server = *(const volatile __u16 *)&image->settled[out->group][out->bin];
	server = server_word(image, out->server);
	out->mac = server;
	return likely(server - 1 < MAC_MASK); /* Server 0 is nobody, and has zeros */
}

/* Service, key and server of a packet that has passed all checks. */
static __always_inline bool place_usual(const struct view *view, const struct address_slot *address,
					const struct packet *packet, int version,
					struct decision *out)
{
	const struct service_slot *slot = find_service(
	    view->image, address->index, ports_and_protocol(packet->ports, packet->protocol));
	struct choice choice;

	if (unlikely(!slot))
		return false;
	choice = (struct choice){slot->service, slot->group, slot->affinity};
	place_packet(view, &choice, packet, version, key_kind(choice.affinity, packet), out);
	return deliver_usual(view->image, out);
}

/* All others than these are rare: see is_impossible_ipv4. */
static __always_inline bool is_usual_source_ipv4(__u32 source)
{
	__u8 first = source;

	return first && first < 224 && first != 127;
}

/* See is_impossible_ipv6. */
static __always_inline bool is_usual_source_ipv6(const __u64 source[2])
{
	return source[0] && (source[0] & 0xff) != 0xff;
}

static __always_inline bool decide_usual_ipv4(const struct view *view, struct decision *out)
{
	const struct iphdr *ip = view->frame.data + sizeof(struct ethhdr);
	const __u8 *transport = (const __u8 *)(ip + 1);
	struct packet packet = {.version = 4, .has_ports = true};
	const struct address_slot *address;
	__u64 bytes = bpf_ntohs(ip->tot_len);

	if (unlikely(ip->frag_off & bpf_htons(0x3fff) || bytes < sizeof(*ip) + 8 ||
		     bytes + sizeof(struct ethhdr) > view->frame.length))
		return false;
	packet.protocol = ip->protocol;
	if (!is_usual_transport(packet.protocol, transport, bytes - sizeof(*ip)))
		return false;
	packet.source[0] = ip->saddr;
	packet.destination[0] = ip->daddr;
	address = find_address(view->image, 4, packet.destination);
	if (!address || !is_usual_source_ipv4(ip->saddr) ||
	    may_be_service(view->image, 4, packet.source))
		return false;
	packet.ports = *(const __u32 *)transport;
	packet.identification = ip->id;
	return place_usual(view, address, &packet, 4, out);
}

static __always_inline bool decide_usual_ipv6(const struct view *view, struct decision *out)
{
	const struct ipv6hdr *ip = view->frame.data + sizeof(struct ethhdr);
	const __u8 *transport = (const __u8 *)(ip + 1);
	struct packet packet = {.version = 6, .has_ports = true};
	const struct address_slot *address;
	__u64 bytes = bpf_ntohs(ip->payload_len);

	if (unlikely((void *)transport + 8 > view->frame.end))
		return false;
	if (unlikely(bytes < 8 || bytes + sizeof(struct ethhdr) + sizeof(*ip) > view->frame.length))
		return false;
	packet.protocol = ip->nexthdr;
	if (packet.protocol == IPPROTO_TCP && (void *)transport + 20 > view->frame.end)
		return false;
	if (!is_usual_transport(packet.protocol, transport, bytes))
		return false;
	copy_address(packet.source, &ip->saddr);
	copy_address(packet.destination, &ip->daddr);
	address = find_address(view->image, 6, packet.destination);
	if (!address || !is_usual_source_ipv6(packet.source) ||
	    may_be_service(view->image, 6, packet.source))
		return false;
	packet.ports = *(const __u32 *)transport;
	return place_usual(view, address, &packet, 6, out);
}

/* Type and first byte of the packet: see RFC 791, 3.1: version 4, 20 bytes; RFC 8200, 3. */
#define BEGINS_IPV4 0x450008
#define MASK_IPV4 0xffffff
#define BEGINS_IPV6 0x60dd86
#define MASK_IPV6 0xf0ffff

static __always_inline bool decide_usual(const struct view *view, struct decision *out)
{
	void *data = view->frame.data;
	__u32 begin;

	if (unlikely(data + USUAL_BYTES > view->frame.end ||
		     destination_mac(&view->frame) != *(const __u64 *)view->image->our_mac))
		return false;
	begin = *(const __u32 *)(data + offsetof(struct ethhdr, h_proto));
	if (likely((begin & MASK_IPV4) == BEGINS_IPV4))
		return decide_usual_ipv4(view, out);
	return (begin & MASK_IPV6) == BEGINS_IPV6 && decide_usual_ipv6(view, out);
}

/* Nothing is decided yet. */
#define UNDECIDED                                                                                  \
	{                                                                                          \
		.service = -1, .group = -1, .bin = -1                                              \
	}

static __always_inline enum reason decide_unusual(struct xdp_md *ctx, __u32 side,
						  struct decision *out)
{
	struct judgement fully = {.decision = UNDECIDED};
	enum reason reason = decide_fully(ctx, side, &fully);

	*out = fully.decision;
	return reason;
}

/* Say what becomes of a frame: the forwarding function, as if no fragment had been seen before.
 * Changes nothing but @out. */
static __always_inline enum reason decide(struct xdp_md *ctx, const struct view *view,
					  struct decision *out)
{
	*out = (struct decision){};
	if (likely(decide_usual(view, out)))
		return REASON_FORWARDED;
	return decide_unusual(ctx, view->side, out);
}

#endif
