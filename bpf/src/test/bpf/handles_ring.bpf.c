/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills a ring buffer: each call that Java names, by one of the threads that it names, writes a burst of records. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define THREADS 4
#define BURST_MAX 128
#define LARGE 72
#define SMALL 16

/* A record's first word; the last is its complement. */
struct mark {
	unsigned int number;	/* the thread's how many-th record */
	unsigned int thread;	/* index in threads[] */
};

struct thread {
	unsigned int tid;
	unsigned int produced;	/* records that it tried to write */
	unsigned int lost;	/* of these, how many found no room */
	unsigned int discarded;	/* of these, how many were given up */
};

const volatile unsigned int trigger;	/* number of the system call */

struct thread threads[THREADS];
unsigned int burst = 1;
unsigned int small;			/* 1: records of SMALL bytes, else of LARGE */
unsigned int discard_every;		/* 0: none */
unsigned long flags;			/* of each submission */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} ring SEC(".maps");

static __always_inline void produce_one(struct thread *thread, unsigned int index, const int bytes)
{
	struct mark mark = { thread->produced++, index };
	unsigned long *record = bpf_ringbuf_reserve(&ring, bytes, 0);

	if (!record) {
		thread->lost++;
		return;
	}
	record[0] = (unsigned long)mark.thread << 32 | mark.number;
	record[bytes / 8 - 1] = ~record[0];
	if (discard_every && mark.number % discard_every == 0) {
		thread->discarded++;
		bpf_ringbuf_discard(record, flags);
	} else {
		bpf_ringbuf_submit(record, flags);
	}
}

SEC("raw_tp/sys_enter")
int produce(struct bpf_raw_tracepoint_args *ctx)
{
	unsigned int tid = bpf_get_current_pid_tgid(), index, i;

	if (ctx->args[1] != trigger)
		return 0;
	for (index = 0; index < THREADS; index++) {
		if (threads[index].tid == tid)
			break;
	}
	if (index == THREADS)
		return 0;
	for (i = 0; i < BURST_MAX && i < burst; i++) {
		if (small)
			produce_one(&threads[index], index, SMALL);
		else
			produce_one(&threads[index], index, LARGE);
	}
	return 0;
}
