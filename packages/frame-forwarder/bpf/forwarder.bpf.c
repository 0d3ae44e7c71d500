// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The data path: each frame for a service goes to the server of its bin, with 12 bytes rewritten.
 * Whatever is not understood goes up the stack. `explain` tells of a frame what `forward` does with
 * it and why, if no fragment was seen before; it is attached to nothing, and shares every line that
 * decides.
 */
#include "fragments.h"

#define FOR_EVER (~0ULL)

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Reasons that take a frame out of the traffic; all others but FORWARDED hand it up the stack. */
static __always_inline bool is_drop(enum reason reason)
{
	return reason >= REASON_GROUP_MAC || reason == REASON_FRAGMENT_LATER;
}

static __always_inline int leave(struct counters *row, enum reason reason)
{
	row->reasons[reason & 31]++;
	if (unlikely(reason == REASON_FRAGMENT_OVERFLOW))
		row->reasons[REASON_FRAGMENT_LATER]++; /* It had to wait, and there was no room */
	return is_drop(reason) ? XDP_DROP : XDP_PASS;
}

/* A clock is dear: it is looked at once a tick, and when the lease has changed. */
static __always_inline bool is_lease_over(const struct control *state, struct counters *row)
{
	__u64 until_ns = *(const volatile __u64 *)&state->forward_until_ns;
	__u64 tick = bpf_jiffies64();

	if (likely(tick == row->good_tick && until_ns == row->good_until_ns))
		return false;
	if (tick == row->over_tick && until_ns == row->over_until_ns)
		return true;
	if (until_ns == FOR_EVER || bpf_ktime_get_boot_ns() < until_ns) {
		row->good_tick = tick;
		row->good_until_ns = until_ns;
		return false;
	}

	row->over_tick = tick;
	row->over_until_ns = until_ns;
	return true;
}

static __always_inline void count(struct traffic *traffic, __u64 bytes)
{
	traffic->packets++;
	traffic->bytes += bytes;
}

static __always_inline void count_forwarded(struct counters *row, const struct view *view,
					    const struct decision *decision)
{
	__u32 service = view->side * SERVICE_COUNT + decision->service;
	__u32 server = decision->server;

	/* Bounds that were checked before are lost to Linux 6.1 and 6.12 when a value is put by */
	barrier_var(service);
	barrier_var(server);
	count(&row->services[service & (SIDE_COUNT * SERVICE_COUNT - 1)], view->frame.length);
	count(&row->servers[server & (SERVER_COUNT - 1)], view->frame.length);
}

static __always_inline void rewrite(const struct frame *frame, __u64 mac, __u64 source_mac)
{
	*(__u64 *)frame->data = mac | source_mac << 48;
	*(__u32 *)(frame->data + 8) = source_mac >> 16;
}

static __always_inline struct counters *find_row(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

static __always_inline const struct control *find_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline __u32 side_in_force(const struct control *state)
{
	return *(const volatile __u32 *)&state->side & (SIDE_COUNT - 1);
}

static __always_inline int send(const struct control *state)
{
	return state->is_one_arm ? XDP_TX : bpf_redirect_map(&ways_out, 0, XDP_ABORTED);
}

/* Do what was decided. @frame: with an Ethernet header */
static __always_inline int carry_out(const struct view *view, const struct decision *decision,
				     const struct control *state, struct counters *row,
				     bool is_traffic)
{
	int action = send(state);

	if (unlikely(action == XDP_ABORTED))
		return leave(row, REASON_NET_B_DOWN);
	rewrite(&view->frame, decision->mac, *(const volatile __u64 *)state->source_mac);
	if (likely(is_traffic))
		count_forwarded(row, view, decision);
	return action;
}

/* Everything about a frame that the short way does not know: from the beginning, in a function of
 * its own, so that the short way has all registers to itself. What is kept over the call takes
 * stack, and Linux 6.1 has 512 bytes for all that call each other, in steps of 32: most is looked
 * up behind it. */
__noinline int forward_unusual(struct xdp_md *ctx)
{
	const struct control *state = find_control();
	struct decision decision;
	struct counters *row;
	enum reason reason;
	struct view view;

	if (!state)
		return XDP_PASS;
	view.side = side_in_force(state);
	reason = decide_and_remember(ctx, view.side, &decision);
	row = find_row();
	if (!row)
		return XDP_PASS;
	if (reason)
		return leave(row, reason);
	if (is_lease_over(state, row))
		return leave(row, REASON_FENCED);
	view.frame = frame_of(ctx);
	if (view.frame.data + sizeof(struct ethhdr) > view.frame.end)
		return XDP_DROP;
	return carry_out(&view, &decision, state, row, !is_trial(&view.frame));
}

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	const struct control *state = find_control();
	struct counters *row = find_row();
	struct decision decision = {};
	struct view view;

	if (unlikely(!state || !row))
		return XDP_PASS;
	view = view_of(ctx, side_in_force(state));
	if (unlikely(!view.image))
		return XDP_PASS;
	if (unlikely(!decide_usual(&view, &decision) || is_lease_over(state, row)))
		return forward_unusual(ctx);
	return carry_out(&view, &decision, state, row, true);
}

SEC("xdp")
int explain(struct xdp_md *ctx)
{
	const struct control *state = find_control();
	__u32 zero = 0;
	struct decision *out = bpf_map_lookup_elem(&explained, &zero);
	struct decision decision;
	struct view view;

	if (!state || !out)
		return XDP_ABORTED;
	view = view_of(ctx, side_in_force(state));
	if (!view.image)
		return XDP_ABORTED;
	decision.reason = decide(ctx, &view, &decision);
	*out = decision;
	return XDP_PASS;
}
