// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The servers of the bench datapath-steady: takes note of each numbered frame that arrives as a
 * forwarder sends it. All else, such as questions for MAC addresses, goes up the stack.
 */
#include "datapath.h"
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4_OF_20_BYTES 0x45
#define UDP 17

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* MAC addresses, each with 2 zeros behind it. Set before loading. */
const volatile struct {
	__u64 server;
	__u64 forwarder;
} between;

/* As many rows as the bench sets before it loads. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

static __always_inline bool is_numbered(const __u8 *data)
{
	return *(const __u64 *)data << 16 >> 16 == between.server &&
	       *(const __u64 *)(data + 6) << 16 >> 16 == between.forwarder &&
	       *(const __u16 *)(data + 12) == bpf_htons(ETH_P_IP) && data[14] == IPV4_OF_20_BYTES &&
	       data[23] == UDP;
}

SEC("xdp")
int take_numbered(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	struct seen *row;
	__u64 number;
	__u32 key;

	if (data + NUMBER_OFFSET + sizeof(number) > end || !is_numbered(data))
		return XDP_PASS;
	__builtin_memcpy(&number, data + NUMBER_OFFSET, sizeof(number));
	key = number / NUMBERS_PER_ROW;
	row = bpf_map_lookup_elem(&seen, &key);
	if (row)
		row->times[number & (NUMBERS_PER_ROW - 1)]++;
	return XDP_DROP;
}
