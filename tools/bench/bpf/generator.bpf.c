// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The sender of the datapath bench. Run by test-run with live frames, whose pages come back as the
 * forwarders have left them: each frame's headers are written anew.
 */
#include "datapath.h"
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct order);
} orders SEC(".maps");

/* The sender's end of each forwarder's wire. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, LANE_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} lanes SEC(".maps");

/* See Steele and Vigna, Computationally Easy, Spectrally Good Multipliers, 2021: 64 bits. */
static __always_inline __u16 next_flow(struct order *order)
{
	order->random = order->random * 0xd1342543de82ef95ULL + 1;
	return order->random >> 48 & order->flow_mask;
}

static __always_inline void write_head(void *data, const struct order *order)
{
	__u64 *words = data;

#pragma unroll
	for (int i = 0; i < 7; i++)
		words[i] = order->head[i];
	*(__u32 *)(data + 56) = order->tail;
}

/* The flow is the end of the source address and, inverted, the source port: the checksum of TCP
 * and UDP stays as it is. See RFC 1624. */
static __always_inline void write_ipv4_flow(void *data, __u16 flow)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 sum = (__u16)~ip->check + flow;

	ip->check = ~(sum + (sum >> 16));
	((__u16 *)&ip->saddr)[1] = flow;
	*(__u16 *)(ip + 1) = ~flow;
}

static __always_inline void write_ipv6_flow(void *data, __u16 flow)
{
	struct ipv6hdr *ip = data + sizeof(struct ethhdr);

	ip->saddr.in6_u.u6_addr16[7] = flow;
	*(__u16 *)(ip + 1) = ~flow;
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 zero = 0;
	struct order *order = bpf_map_lookup_elem(&orders, &zero);

	if (!order || data + 60 > end)
		return XDP_ABORTED;
	write_head(data, order);
	if (order->is_ipv6)
		write_ipv6_flow(data, next_flow(order));
	else
		write_ipv4_flow(data, next_flow(order));
	return bpf_redirect_map(&lanes, order->lane, XDP_ABORTED);
}

/* A flow that follows from the number alone, each as likely as any other. */
static __always_inline __u16 flow_of(__u64 number, const struct order *order)
{
	return number * 0xd1342543de82ef95ULL >> 48 & order->flow_mask;
}

/* UDP over IPv4, without checksum, which has the frame's number as payload. */
SEC("xdp")
int generate_numbered(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 zero = 0;
	struct order *order = bpf_map_lookup_elem(&orders, &zero);
	__u64 number;

	if (!order || data + 60 > end)
		return XDP_ABORTED;
	number = order->numbered++;
	write_head(data, order);
	write_ipv4_flow(data, flow_of(number, order));
	__builtin_memcpy(data + NUMBER_OFFSET, &number, sizeof(number));
	return bpf_redirect_map(&lanes, order->lane, XDP_ABORTED);
}
