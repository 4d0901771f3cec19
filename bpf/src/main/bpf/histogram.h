/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which bucket of a histogram a duration belongs into, see HISTOGRAM_BUCKETS: found by a table and not step by step. */
#ifndef KFR_HISTOGRAM_H
#define KFR_HISTOGRAM_H

#include "kernel.h"
#include "record.h"

/* Steps of 64 ns up to 64 µs: the bucket of each, see HISTOGRAM_BUCKETS. */
#define FOUR_BUCKETS(power, first)                                                                                              \
	[4 << (power) ... (5 << (power)) - 1] = (first), [5 << (power) ... (6 << (power)) - 1] = (first) + 1,                   \
	[6 << (power) ... (7 << (power)) - 1] = (first) + 2, [7 << (power) ... (8 << (power)) - 1] = (first) + 3
static const u8 bucket_of_step[1024] = {
	[0] = 0, [1] = 1, [2] = 2, [3] = 3, FOUR_BUCKETS(0, 4),	FOUR_BUCKETS(1, 8), FOUR_BUCKETS(2, 12), FOUR_BUCKETS(3, 16),
	FOUR_BUCKETS(4, 20), FOUR_BUCKETS(5, 24), FOUR_BUCKETS(6, 28), FOUR_BUCKETS(7, 32),
};

/* A factor of 256 in time is 8 powers, and so 32 buckets. */
static __always_inline u32 bucket_of(u64 duration)
{
	u64 step = duration >> 6;
	u32 before = 0;

	if (duration >= 1 << 16) {
		step = duration >> 14, before = 32;
		if (duration >= 1 << 24)
			step = duration >> 22, before = 64;
		if (duration >= 1ULL << 32)
			step = duration >> 30, before = 96;
		if (duration >= 1ULL << 36)
			return HISTOGRAM_BUCKETS - 1;
	}
	barrier_var(step);	/* else the compiler leaves out bounds that it can prove and the verifier cannot */
	return bucket_of_step[step & 1023] + before;
}

#endif
