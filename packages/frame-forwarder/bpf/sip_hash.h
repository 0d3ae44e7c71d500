/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef TACOPLEX_SIP_HASH_H
#define TACOPLEX_SIP_HASH_H

/*
 * SipHash-1-3 of the two lengths of key there are. Twin of leveling/src/sip-hash.ts.
 *
 * The state comes from the control half, half a round ahead: the first two of a round's four steps
 * that do not meet the message yet depend on the hash key alone.
 *
 * See Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012.
 */
#include <linux/types.h>

struct sip_state {
	__u64 a, b, c, d;
};

static __always_inline __u64 rotate(__u64 word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static __always_inline void sip_begin_round(struct sip_state *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
}

static __always_inline void sip_end_round(struct sip_state *s)
{
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static __always_inline void sip_round(struct sip_state *s)
{
	sip_begin_round(s);
	sip_end_round(s);
}

/* sip_end_round, with what is known beforehand of b: its rotation is @ahead[4]. */
static __always_inline struct sip_state sip_first(const __u64 ahead[5], __u64 word)
{
	struct sip_state s = {ahead[0], ahead[1], ahead[2], ahead[3] ^ word};

	s.c += s.d;
	s.d = rotate(s.d, 16) ^ s.c;
	s.a += s.d;
	s.d = rotate(s.d, 21) ^ s.a;
	s.c += s.b;
	s.b = ahead[4] ^ s.c;
	s.c = rotate(s.c, 32);
	s.a ^= word;
	return s;
}

static __always_inline void sip_next(struct sip_state *s, __u64 word)
{
	s->d ^= word;
	sip_round(s);
	s->a ^= word;
}

/* @rest: what is left of the message, less than 8 bytes; @bytes: length of all of it, less than 256
 */
static __always_inline __u64 sip_last(struct sip_state *s, __u64 rest, __u64 bytes)
{
	sip_next(s, rest | bytes << 56);
	s->c ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->a ^ s->b ^ s->c ^ s->d;
}

/* @rest: 6 bytes */
static __always_inline __u64 sip_hash_14(const __u64 ahead[5], __u64 first, __u64 rest)
{
	struct sip_state s = sip_first(ahead, first);

	return sip_last(&s, rest, 14);
}

/* @words: the last one has 6 bytes */
static __always_inline __u64 sip_hash_38(const __u64 ahead[5], const __u64 words[5])
{
	struct sip_state s = sip_first(ahead, words[0]);

	sip_next(&s, words[1]);
	sip_next(&s, words[2]);
	sip_next(&s, words[3]);
	return sip_last(&s, words[4], 38);
}

#endif
