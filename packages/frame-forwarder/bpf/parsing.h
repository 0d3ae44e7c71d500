/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_PARSING_H
#define TACOPLEX_PARSING_H

/*
 * What is read in a frame: twin of leveling/src/read-*.ts. One function for each header, each with
 * its own bounds check. Those that are not inlined the verifier checks once, for whatever they may
 * be handed.
 */
#include "forwarder.h"
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#define TAG_BYTES 4
#define PORT_BYTES 4
#define ICMP_BYTES 8
#define MOST_EXTENSION_HEADERS 8
#define MOST_OFFSET 0x3fff /* more than any frame has in one piece; the verifier wants a bound */

enum fragment {
	FRAGMENT_WHOLE,
	FRAGMENT_FIRST, /* has the ports */
	FRAGMENT_LATER, /* has none */
};

struct frame {
	void *data;
	void *end;
	__u64 length;
};

#define TRIAL_BYTES (sizeof(struct ethhdr) + 20 + ICMP_BYTES)

/* A ping that levelers try each other with goes its way as any other, and is no traffic. Twin of
 * isTrial in leveling/src/trial.ts. */
static __always_inline bool is_trial(const struct frame *frame)
{
	const __u8 *ip = frame->data + sizeof(struct ethhdr);

	if (frame->data + TRIAL_BYTES > frame->end)
		return false;
	return ip[0] == 0x45 && ip[9] == IPPROTO_ICMP && ip[20] == 8 && ip[24] == 'T' &&
	       ip[25] == 'P';
}

/* What was read of a packet. Offsets count from the frame's begin. After an ICMP error: of the
 * packet it quotes. */
struct packet {
	__u64 source[2]; /* as in struct address_slot */
	__u64 destination[2];
	__u64 start;	      /* of the IP header */
	__u64 end;	      /* behind the packet's last byte: padding is not in it */
	__u64 transport;      /* behind the IP header and its extension headers */
	__u32 ports;	      /* source and destination port, as they stand; 0 without has_ports */
	__u32 identification; /* as it stands; IPv4: 2 bytes; IPv6: only of fragments */
	__u8 protocol;	      /* behind all extension headers */
	__u8 fragment;	      /* enum fragment */
	__u8 version;	      /* 4 or 6 */
	__u8 has_ports;
	__u8 is_ping; /* an echo request to a service, or the answer to one that an error quotes */
	__u8 is_quoted; /* a server sent it: source and destination change places in its key */
	__u16 reserved;
};

static __always_inline struct frame frame_of(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	return (struct frame){data, end, end - data};
}

/* The bytes from @offset on; NULL unless @bytes of them are there. */
static __always_inline void *bytes_at(const struct frame *frame, __u64 offset, __u64 bytes)
{
	void *at;

	if (offset > MOST_OFFSET)
		return NULL;
	at = frame->data + offset;
	return at + bytes > frame->end ? NULL : at;
}

static __always_inline void copy_address(__u64 to[2], const struct in6_addr *from)
{
	const __u64 *words = (const __u64 *)from;

	to[0] = words[0];
	to[1] = words[1];
}

static __always_inline enum fragment fragment_kind(__u16 offset, bool more_follow)
{
	if (offset)
		return FRAGMENT_LATER;
	return more_follow ? FRAGMENT_FIRST : FRAGMENT_WHOLE;
}

/* @ip: 20 bytes that are there, at packet->start */
static __always_inline enum reason read_ipv4(const struct iphdr *ip, struct packet *packet)
{
	__u64 header_bytes = ip->ihl * 4;
	__u64 total_bytes = bpf_ntohs(ip->tot_len);
	__u16 place = ip->frag_off;

	if (unlikely(ip->version != 4))
		return REASON_IP_VERSION;
	if (unlikely(header_bytes < sizeof(*ip) || packet->start + header_bytes > packet->end))
		return REASON_IPV4_HEADER_LENGTH;
	if (!packet->is_quoted) {
		if (unlikely(header_bytes > total_bytes))
			return REASON_IPV4_HEADER_LENGTH;
		if (unlikely(packet->start + total_bytes > packet->end))
			return REASON_IP_LENGTH;
		packet->end = packet->start + total_bytes;
	}

	packet->fragment = fragment_kind(place & bpf_htons(0x1fff), place & bpf_htons(0x2000));
	packet->identification = ip->id;
	packet->protocol = ip->protocol;
	packet->transport = packet->start + header_bytes;
	return REASON_FORWARDED;
}

static __always_inline bool is_extension_header(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_AH;
}

/* See RFC 8200, 4; RFC 4302, 2.2: authentication headers count in words of 4 bytes. */
static __always_inline __u64 extension_bytes(__u8 protocol, __u8 length)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	return protocol == IPPROTO_AH ? 4 * (length + 2) : 8 * (length + 1);
}

/* Go on from packet->transport to the end of the extension headers. Returns enum reason. */
__noinline int walk_extension_headers(struct xdp_md *ctx, struct packet *packet)
{
	struct frame frame = frame_of(ctx);
	__u64 transport, bytes, end;
	__u8 protocol, fragment, *header;
	__u16 place;

	if (!packet)
		return REASON_TRUNCATED;
	transport = packet->transport;
	end = packet->end;
	protocol = packet->protocol;
	fragment = FRAGMENT_WHOLE;
	for (int count = 0; count < MOST_EXTENSION_HEADERS; count++) {
		if (!is_extension_header(protocol) || fragment == FRAGMENT_LATER)
			break;
		header = bytes_at(&frame, transport, 8);
		if (!header || transport + 8 > end)
			return REASON_IPV6_HEADER_LENGTH;
		bytes = extension_bytes(protocol, header[1]);
		if (transport + bytes > end)
			return REASON_IPV6_HEADER_LENGTH;
		if (protocol == IPPROTO_FRAGMENT) {
			place = header[2] << 8 | header[3];
			if (place >> 3 || place & 1) {
				fragment = fragment_kind(place >> 3, place & 1);
				packet->identification = *(__u32 *)(header + 4);
			}
		}

		protocol = header[0];
		transport += bytes;
	}

	packet->transport = transport;
	packet->protocol = protocol;
	packet->fragment = fragment;
	return is_extension_header(protocol) && fragment != FRAGMENT_LATER
		   ? REASON_IPV6_MANY_HEADERS
		   : REASON_FORWARDED;
}

/* @ip: 40 bytes that are there, at packet->start */
static __always_inline enum reason read_ipv6(struct xdp_md *ctx, const struct ipv6hdr *ip,
					     struct packet *packet)
{
	__u64 payload_bytes = bpf_ntohs(ip->payload_len);

	if (unlikely(ip->version != 6))
		return REASON_IP_VERSION;
	packet->transport = packet->start + sizeof(*ip);
	if (!packet->is_quoted) {
		if (unlikely(!payload_bytes && ip->nexthdr == IPPROTO_HOPOPTS))
			return REASON_IPV6_JUMBOGRAM;
		if (unlikely(packet->transport + payload_bytes > packet->end))
			return REASON_IP_LENGTH;
		packet->end = packet->transport + payload_bytes;
	}

	packet->fragment = FRAGMENT_WHOLE;
	packet->protocol = ip->nexthdr;
	if (!is_extension_header(packet->protocol))
		return REASON_FORWARDED;
	return walk_extension_headers(ctx, packet);
}

/* Bytes of the shortest header of a protocol with ports; 0: no ports. All begin with the ports. */
static __always_inline __u64 shortest_transport(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return 8;
	case IPPROTO_TCP:
		return 20;
	case IPPROTO_DCCP:
	case IPPROTO_SCTP:
		return 12;
	default:
		return 0;
	}
}

static __always_inline enum reason read_ports(const struct frame *frame, struct packet *packet)
{
	bool is_whole = packet->fragment == FRAGMENT_WHOLE;
	__u64 shortest = shortest_transport(packet->protocol);
	__u64 header_bytes;
	__u32 *ports;
	__u8 *tcp;

	if (!shortest)
		return REASON_FORWARDED;
	ports = bytes_at(frame, packet->transport, PORT_BYTES);
	if (unlikely(!ports ||
		     packet->transport + (is_whole ? shortest : PORT_BYTES) > packet->end))
		return REASON_TRANSPORT_TRUNCATED;
	packet->ports = *ports;
	packet->has_ports = true;
	if (packet->protocol != IPPROTO_TCP || !is_whole)
		return REASON_FORWARDED;
	tcp = bytes_at(frame, packet->transport, 20);
	header_bytes = tcp ? (tcp[12] >> 4) * 4 : 0;
	return unlikely(header_bytes < 20 || packet->transport + header_bytes > packet->end)
		   ? REASON_TCP_OFFSET
		   : REASON_FORWARDED;
}

static __always_inline bool is_icmp(const struct packet *packet)
{
	return packet->protocol == (packet->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/* Unreachable incl. fragmentation needed (packet too big), time exceeded, parameter problem.
 * See RFC 792; RFC 4443. */
static __always_inline bool is_icmp_error(__u8 version, __u8 type)
{
	if (version == 4)
		return type == 3 || type == 11 || type == 12;
	return type >= 1 && type <= 4;
}

/* Of a quote little more than the ports need be there. See RFC 1812, 4.3.2.3; RFC 4443, 2.4. */
static __always_inline enum reason read_quoted_transport(const struct frame *frame,
							 struct packet *packet)
{
	__u64 transport = packet->transport;
	__u32 *ports;
	__u8 *type;

	if (is_icmp(packet)) {
		type = transport < packet->end ? bytes_at(frame, transport, 1) : NULL;
		packet->is_ping = type && *type == (packet->version == 4 ? 0 : 129);
		return packet->is_ping ? REASON_FORWARDED : REASON_ICMP_QUOTE_UNUSABLE;
	}

	if (!shortest_transport(packet->protocol))
		return REASON_FORWARDED;
	ports = bytes_at(frame, transport, PORT_BYTES);
	if (!ports || transport + PORT_BYTES > packet->end)
		return REASON_ICMP_QUOTE_TRUNCATED;
	packet->ports = *ports;
	packet->has_ports = true;
	return REASON_FORWARDED;
}

static __always_inline enum reason read_quoted_ipv4(const struct frame *frame,
						    struct packet *packet)
{
	struct iphdr *ip = bytes_at(frame, packet->start, sizeof(*ip));

	if (!ip)
		return REASON_ICMP_QUOTE_TRUNCATED;
	packet->source[0] = ip->saddr;
	if (packet->source[0] != packet->destination[0])
		return REASON_ICMP_QUOTE_FOREIGN;
	packet->destination[0] = ip->daddr;
	return read_ipv4(ip, packet) ? REASON_ICMP_QUOTE_UNUSABLE : REASON_FORWARDED;
}

static __always_inline enum reason read_quoted_ipv6(struct xdp_md *ctx, const struct frame *frame,
						    struct packet *packet)
{
	struct ipv6hdr *ip = bytes_at(frame, packet->start, sizeof(*ip));

	if (!ip)
		return REASON_ICMP_QUOTE_TRUNCATED;
	copy_address(packet->source, &ip->saddr);
	if (packet->source[0] != packet->destination[0] ||
	    packet->source[1] != packet->destination[1])
		return REASON_ICMP_QUOTE_FOREIGN;
	copy_address(packet->destination, &ip->daddr);
	return read_ipv6(ctx, ip, packet) ? REASON_ICMP_QUOTE_UNUSABLE : REASON_FORWARDED;
}

/* Go on from the ICMP header at packet->transport, and into what it quotes. Returns enum reason. */
__noinline int read_icmp(struct xdp_md *ctx, struct packet *packet)
{
	struct frame frame = frame_of(ctx);
	enum reason reason;
	__u8 *type;

	if (!packet)
		return REASON_TRUNCATED;
	type = bytes_at(&frame, packet->transport, ICMP_BYTES);
	if (!type || packet->transport + ICMP_BYTES > packet->end)
		return REASON_TRANSPORT_TRUNCATED;
	if (*type == (packet->version == 4 ? 8 : 128)) {
		packet->is_ping = true;
		return REASON_FORWARDED;
	}

	if (!is_icmp_error(packet->version, *type))
		return REASON_ICMP_OTHER;
	packet->start = packet->transport + ICMP_BYTES;
	packet->is_quoted = true;
	if (packet->start + (packet->version == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) >
	    packet->end)
		return REASON_ICMP_QUOTE_TRUNCATED;
	reason = packet->version == 4 ? read_quoted_ipv4(&frame, packet)
				      : read_quoted_ipv6(ctx, &frame, packet);
	if (reason || packet->fragment == FRAGMENT_LATER)
		return reason;
	return read_quoted_transport(&frame, packet);
}

static __always_inline enum reason read_transport(struct xdp_md *ctx, const struct frame *frame,
						  struct packet *packet)
{
	if (unlikely(packet->fragment == FRAGMENT_LATER))
		return REASON_FORWARDED;
	if (!is_icmp(packet))
		return read_ports(frame, packet);
	return read_icmp(ctx, packet);
}

#endif
