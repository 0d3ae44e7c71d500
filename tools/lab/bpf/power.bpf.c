// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The power of the hosts of a laboratory. Attached to the bridges' ends of their cables, in both
 * directions: while a cable is dead no frame passes. Frames that the host's own XDP program sends
 * are met here too, once the veth has made them an skb.
 */
#include "power.h"
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Per host one bit for each cable that is dead: all of a host's cables die by one write. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HOST_COUNT);
	__type(key, __u32);
	__type(value, __u32);
} dead SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CABLE_COUNT);
	__type(key, __u32);
	__type(value, struct cable);
} cables SEC(".maps");

SEC("tc")
int power(struct __sk_buff *skb)
{
	__u32 port = skb->ifindex;
	struct cable *cable = bpf_map_lookup_elem(&cables, &port);
	__u32 *bits;

	if (!cable)
		return TC_ACT_UNSPEC;
	bits = bpf_map_lookup_elem(&dead, &cable->host);
	return bits && *(volatile __u32 *)bits & cable->bit ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}
