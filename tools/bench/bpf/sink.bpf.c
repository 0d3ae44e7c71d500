// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The servers of the datapath bench: counts what arrives for whom, and drops it.
 */
#include "datapath.h"
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set before loading. */
const volatile struct route wanted;

/* A row for each CPU that is possible. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct arrivals);
} arrivals SEC(".maps");

SEC("xdp")
int take(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 cpu = bpf_get_smp_processor_id();
	struct arrivals *row = bpf_map_lookup_elem(&arrivals, &cpu);

	if (!row || data + sizeof(struct ethhdr) + 2 > end)
		return XDP_DROP;
	if (*(__u32 *)data != wanted.server_prefix ||
	    *(__u64 *)(data + 6) << 16 >> 16 != wanted.forwarder_mac) {
		row->others++;
		return XDP_DROP;
	}

	row->frames++;
	row->bytes += end - data;
	row->servers[bpf_ntohs(*(__u16 *)(data + 4)) & (SERVER_NUMBERS - 1)]++;
	return XDP_DROP;
}
