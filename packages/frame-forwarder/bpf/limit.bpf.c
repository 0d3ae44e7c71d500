// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The limit that the forwarder is measured against: rewrites both MAC addresses and redirects,
 * looks at nothing, counts nothing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} limit_way_out SEC(".maps");

/* Both set before loading. */
const volatile __u64 limit_destination;
const volatile __u64 limit_source;

SEC("xdp")
int limit(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if (data + sizeof(struct ethhdr) > end)
		return XDP_DROP;
	*(__u64 *)data = limit_destination | limit_source << 48;
	*(__u32 *)(data + 8) = limit_source >> 16;
	return bpf_redirect_map(&limit_way_out, 0, XDP_DROP);
}
