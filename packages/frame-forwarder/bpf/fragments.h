/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_FRAGMENTS_H
#define TACOPLEX_FRAGMENTS_H

/*
 * Later fragments follow the first one of their datagram: twin of leveling/src/decide-fragment.ts.
 * The first one is remembered. A later one that finds nothing leaves a note that it is awaited, and
 * is handed to the process; the first one finds the note, and says so. Which of the two is there
 * first is decided by the map, so that nothing waits for what has been.
 */
#include "usual.h"

#define SECOND_NS 1000000000ULL
#define REMEMBER_NS (5 * SECOND_NS)
#define HOLD_NS SECOND_NS
#define WORDS_PER_LINE 8

static __always_inline __u64 way_of(const struct judgement *first)
{
	return first->fragment.ports | (__u64)first->decision.server << WAY_SERVER_SHIFT |
	       (__u64)first->fragment.protocol << WAY_PROTOCOL_SHIFT | WAY_IS_KNOWN;
}

/* Copy the frame to where the ring can take it from. Returns its length; 0: it is too long. */
__noinline int stage_frame(struct xdp_md *ctx)
{
	struct frame frame = frame_of(ctx);
	__u64 length = frame.length, rest, last;
	struct staged *staged;
	__u32 zero = 0;
	__u64 *from, *to;

	staged = bpf_map_lookup_elem(&staging, &zero);
	if (!staged || length < sizeof(struct ethhdr) || length > LONGEST_HELD)
		return 0;
	for (int at = 0; at < LONGEST_HELD; at += sizeof(*to) * WORDS_PER_LINE) {
		from = frame.data + at;
		to = (__u64 *)(staged->bytes + at);
		if ((void *)(from + WORDS_PER_LINE) > frame.end)
			break;
#pragma unroll
		for (int word = 0; word < WORDS_PER_LINE; word++)
			to[word] = from[word];
	}

	/* Nothing from the loop is used: so the verifier comes by here once, not after each line */
	barrier();
	frame = frame_of(ctx);
	rest = frame.length & ~(sizeof(*to) * WORDS_PER_LINE - 1);
	for (int word = 0; word < WORDS_PER_LINE; word++, rest += sizeof(*to)) {
		from = bytes_at(&frame, rest, sizeof(*from));
		if (!from || rest > LONGEST_HELD - sizeof(*to))
			break;
		*(__u64 *)(staged->bytes + rest) = *from;
	}

	last = length - sizeof(*from); /* Once more, with what is no whole word */
	barrier_var(last);
	from = bytes_at(&frame, last, sizeof(*from));
	if (!from || last > LONGEST_HELD - sizeof(*from))
		return 0;
	*(__u64 *)(staged->bytes + last) = *from;
	return length;
}

/* Hand the frame to the process. */
static __always_inline enum reason hold(struct xdp_md *ctx, const struct fragment_key *key,
					__u64 now)
{
	__u64 length = stage_frame(ctx) & MOST_OFFSET;
	struct staged *staged;
	__u32 zero = 0;

	barrier_var(length); /* Or what is compared is not what the verifier sees used */
	staged = bpf_map_lookup_elem(&staging, &zero);
	if (!staged || !length || length > LONGEST_HELD)
		return REASON_FRAGMENT_OVERFLOW;
	staged->held = (struct held){.key = *key, .at_ns = now, .length = length};
	if (bpf_ringbuf_output(&held, staged, sizeof(staged->held) + length, 0))
		return REASON_FRAGMENT_OVERFLOW;
	return REASON_FRAGMENT_LATER;
}

/* The process holds what came before: tell it where to. If the ring is full, that will expire. */
static __always_inline void announce(const struct fragment_key *key, __u64 way, __u64 now)
{
	struct held said = {.key = *key, .way = way, .at_ns = now};

	bpf_ringbuf_output(&held, &said, sizeof(said), 0);
}

/* The newer one counts if an identification is used again. */
static __always_inline void remember(const struct fragment_key *key, const struct judgement *first)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct fragment_entry fresh = {.until_ns = now + REMEMBER_NS, .way = way_of(first)};
	struct fragment_entry *entry;
	__u64 before;

	if (!bpf_map_update_elem(&fragments, key, &fresh, BPF_NOEXIST))
		return;
	entry = bpf_map_lookup_elem(&fragments, key);
	if (!entry) {
		bpf_map_update_elem(&fragments, key, &fresh, BPF_ANY);
		return;
	}

	*(volatile __u64 *)&entry->until_ns = fresh.until_ns;
	before = __sync_lock_test_and_set(&entry->way, fresh.way);
	if (!(before & WAY_IS_KNOWN))
		announce(key, fresh.way, now);
}

/* The way of the datagram's first fragment; 0: it is awaited from now on. */
static __always_inline __u64 recall(const struct fragment_key *key, __u64 now)
{
	struct fragment_entry awaited = {.until_ns = now + HOLD_NS};
	struct fragment_entry *entry;
	__u64 way, found;

	entry = bpf_map_lookup_elem(&fragments, key);
	if (!entry) {
		if (!bpf_map_update_elem(&fragments, key, &awaited, BPF_NOEXIST))
			return 0;
		entry = bpf_map_lookup_elem(&fragments, key);
	}

	if (!entry)
		return 0;
	way = *(volatile __u64 *)&entry->way;
	if (!(way & WAY_IS_KNOWN) || now < *(volatile __u64 *)&entry->until_ns)
		return way;
	found = __sync_val_compare_and_swap(&entry->way, way, 0);
	return found == way ? 0 : found;
}

static __always_inline enum reason follow(const struct view *view, __u64 way, struct judgement *out)
{
	const struct fragment_key *key = &out->fragment.key;
	__u8 protocol = way >> WAY_PROTOCOL_SHIFT;
	__u16 number = way >> WAY_SERVER_SHIFT;
	const struct address_slot *address;
	const struct service_slot *slot;
	struct choice choice;

	address = find_address(view->image, key->version, key->destination);
	if (!address)
		return REASON_NO_SERVICE;
	if (protocol == (key->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
		choice = (struct choice){address->ping_service, address->ping_group,
					 address->ping_affinity};
	} else {
		slot = find_service(view->image, address->index, ports_and_protocol(way, protocol));
		if (!slot)
			return REASON_NO_SERVICE;
		choice = (struct choice){slot->service, slot->group, slot->affinity};
	}

	out->decision.service = choice.service & (SERVICE_COUNT - 1);
	out->decision.group = choice.group & (GROUP_COUNT - 1);
	return deliver_to(number, server_word(view->image, number), &out->decision);
}

/* Say what becomes of a fragment, now that it is known which ones came before. @reason: what
 * decide_fully says of it. Returns enum reason. */
__noinline int decide_fragment(struct xdp_md *ctx, __u32 side, struct judgement *out, __u32 reason)
{
	struct view view = view_of(ctx, side);
	struct fragment_key key;
	__u64 now, way;

	if (!out || !view.image)
		return reason;
	key = out->fragment.key; /* Linux 6.1 takes keys of maps from the stack, not from here */
	if (out->fragment.kind == FRAGMENT_FIRST && reason == REASON_FORWARDED)
		remember(&key, out);
	if (reason != REASON_FRAGMENT_LATER)
		return reason;
	now = bpf_ktime_get_boot_ns();
	way = recall(&key, now);
	return way & WAY_IS_KNOWN ? follow(&view, way, out) : hold(ctx, &key, now);
}

/* Say what becomes of any frame, and remember what has to be of fragments. */
static __always_inline enum reason decide_and_remember(struct xdp_md *ctx, __u32 side,
						       struct decision *out)
{
	struct judgement fully = {.decision = UNDECIDED};
	enum reason reason;

	reason = decide_fully(ctx, side, &fully);
	if (unlikely(fully.fragment.kind))
		reason = decide_fragment(ctx, side, &fully, reason);
	*out = fully.decision;
	return reason;
}

#endif
