// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Trouble on the wires of a laboratory. Attached where frames leave a bridge's port towards a host:
 * loses, doubles, corrupts, or hands frames to the process that sends them later. What happens is
 * drawn from a seed, in the order of the frames.
 */
#include "trouble.h"
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* On frames that have had their trouble. Marks do not leave the namespace. */
#define DONE 0x7461636f
#define MILLION 1000000
#define MOST_COPIES 8

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RULE_COUNT);
	__type(key, __u32);
	__type(value, struct rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RULE_COUNT);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
} held SEC(".maps");

/* See Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014. */
static __always_inline __u32 draw(struct settings *set)
{
	__u64 word = set->seed + (__sync_fetch_and_add(&set->drawn, 1) + 1) * 0x9e3779b97f4a7c15ULL;

	word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
	word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
	return word >> 32;
}

static __always_inline int happens(struct settings *set, __u32 chance)
{
	return chance && draw(set) % MILLION < chance;
}

static __always_inline enum kind kind_of_ipv4(struct __sk_buff *skb, __u16 cluster_port)
{
	struct udphdr udp;
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + ip.ihl * 4, &udp, sizeof(udp)))
		return KIND_DATA;
	return udp.dest == bpf_htons(cluster_port) ? KIND_CLUSTER : KIND_DATA;
}

static __always_inline enum kind kind_of_ipv6(struct __sk_buff *skb)
{
	__u8 type;
	__u8 next;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + 6, &next, 1) || next != IPPROTO_ICMPV6 ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr), &type, 1))
		return KIND_DATA;
	return type >= 133 && type <= 137 ? KIND_ARP : KIND_DATA;
}

static __always_inline enum kind kind_of(struct __sk_buff *skb, __u16 cluster_port)
{
	switch (skb->protocol) {
	case bpf_htons(ETH_P_ARP):
		return KIND_ARP;
	case bpf_htons(ETH_P_IP):
		return kind_of_ipv4(skb, cluster_port);
	case bpf_htons(ETH_P_IPV6):
		return kind_of_ipv6(skb);
	default:
		return KIND_DATA;
	}
}

static __always_inline int is_from(const struct rule *rule, const __u8 *source)
{
	if (!rule->has_source)
		return 1;
	for (int i = 0; i < ETH_ALEN; i++)
		if (rule->source[i] != source[i])
			return 0;
	return 1;
}

static __always_inline void corrupt(struct __sk_buff *skb, struct settings *set)
{
	__u32 place;
	__u8 byte;

	if (skb->len <= ETH_HLEN)
		return;
	place = ETH_HLEN + draw(set) % (skb->len - ETH_HLEN);
	if (bpf_skb_load_bytes(skb, place, &byte, 1))
		return;
	byte ^= 1 << (draw(set) & 7);
	bpf_skb_store_bytes(skb, place, &byte, 1, 0);
}

/* Whether the frame will be sent later. */
static __always_inline int hold(struct __sk_buff *skb, const struct rule *rule,
				struct settings *set)
{
	__u32 spread = rule->delay_to_us - rule->delay_from_us + 1;
	__u32 length = skb->len;
	struct held *frame;

	if (length < ETH_HLEN || length > LONGEST_HELD)
		return 0;
	frame = bpf_ringbuf_reserve(&held, sizeof(*frame), 0);
	if (!frame)
		return 0;
	frame->port = skb->ifindex;
	frame->delay_us = rule->delay_from_us + (spread ? draw(set) % spread : 0);
	frame->length = length;
	frame->reserved = 0;
	if (bpf_skb_load_bytes(skb, 0, frame->bytes, length)) {
		bpf_ringbuf_discard(frame, 0);
		return 0;
	}
	bpf_ringbuf_submit(frame, 0);
	return 1;
}

/* A copy goes the way of its frame: at once, or after a delay of its own. */
static __always_inline void copy(struct __sk_buff *skb, const struct rule *rule,
				 struct settings *set)
{
	if (!happens(set, rule->delay) || !hold(skb, rule, set))
		bpf_clone_redirect(skb, skb->ifindex, 0);
}

static __always_inline void multiply(struct __sk_buff *skb, const struct rule *rule,
				     struct settings *set, struct count *count)
{
	__u32 copies = rule->copies ? 1 + draw(set) % rule->copies : 0;

	for (int i = 0; i < MOST_COPIES; i++) {
		if ((__u32)i >= copies)
			break;
		__sync_fetch_and_add(&count->copied, 1);
		copy(skb, rule, set);
	}
}

static __always_inline int suffer(struct __sk_buff *skb, const struct rule *rule,
				  struct settings *set, struct count *count)
{
	__sync_fetch_and_add(&count->seen, 1);
	if (happens(set, rule->loss)) {
		__sync_fetch_and_add(&count->lost, 1);
		return TC_ACT_SHOT;
	}
	skb->mark = DONE;
	if (happens(set, rule->corruption)) {
		__sync_fetch_and_add(&count->corrupted, 1);
		corrupt(skb, set);
	}
	if (happens(set, rule->doubling))
		multiply(skb, rule, set, count);
	if (rule->also) {
		__sync_fetch_and_add(&count->copied, 1);
		bpf_clone_redirect(skb, rule->also, 0);
	}
	if (!happens(set, rule->delay))
		return TC_ACT_UNSPEC;
	if (hold(skb, rule, set)) {
		__sync_fetch_and_add(&count->delayed, 1);
		return TC_ACT_SHOT;
	}
	__sync_fetch_and_add(&count->undelayed, 1);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int trouble(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	__u8 source[ETH_ALEN];
	enum kind kind;

	if (!set || !set->rule_count || skb->mark == DONE ||
	    bpf_skb_load_bytes(skb, ETH_ALEN, source, ETH_ALEN))
		return TC_ACT_UNSPEC;
	kind = kind_of(skb, set->cluster_port);
	for (__u32 i = 0; i < RULE_COUNT; i++) {
		__u32 key = i;
		struct rule *rule;
		struct count *count;

		if (i >= set->rule_count)
			break;
		rule = bpf_map_lookup_elem(&rules, &key);
		count = bpf_map_lookup_elem(&counts, &key);
		if (!rule || !count)
			break;
		if (rule->port == skb->ifindex && (!rule->kind || rule->kind == kind) &&
		    is_from(rule, source))
			return suffer(skb, rule, set, count);
	}
	return TC_ACT_UNSPEC;
}
