/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_MAPS_H
#define TACOPLEX_MAPS_H

/* All but ways_out, staging and explained are pinned by interface, and outlive the process that
 * made them. */
#include "forwarder.h"
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SIDE_COUNT);
	__type(key, __u32);
	__type(value, struct image);
} images SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SIDE_COUNT *GROUP_COUNT *BIN_COUNT);
	__type(key, __u32);
	__type(value, struct bin);
} bins SEC(".maps");

/* A row for each CPU that is possible: the control half sets their number before it loads. Rows of
 * an array cost one multiplication, a per-CPU map a call on kernels before 6.10, and a process
 * that reads them a system call instead of a look at its memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* Index of the net B interface at 0; empty while that is away. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} ways_out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENT_COUNT);
	__type(key, struct fragment_key);
	__type(value, struct fragment_entry);
} fragments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, HELD_RING_BYTES);
} held SEC(".maps");

/* A frame as it is handed over; the ring takes bytes from maps, not from packets. */
struct staged {
	struct held held;
	__u8 bytes[LONGEST_HELD];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct staged);
} staging SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct decision);
} explained SEC(".maps");

#endif
