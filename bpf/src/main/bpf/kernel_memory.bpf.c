// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory that the kernel allocates for its own use, from kmalloc and its caches of objects, counted for the process that
 * it was allocated for. Frees are counted for that process too, whoever frees: an allocation is remembered until it is freed.
 * Rows of ended processes are given back and must not come to life again, so what is done after the end is counted apart.
 *
 * Every allocation of the host pays for these programs, so they are only attached while somebody asks for the counts. They
 * run in interrupts too, also in one that came upon another of them on the same CPU: all additions are atomic.
 */
#include "emit.h"
#include "ended.h"
#include "interrupt.h"
#include "rows.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kmem_cache {
	unsigned int size;	/* of an object with all that belongs to it */
};

/* Records of classic tracepoints: which of them a kernel has tells what the raw arguments are. */
struct trace_event_raw_kmem_cache_alloc {
	const void *ptr;
};

struct trace_event_raw_kmem_alloc {
	bool accounted;
};

#pragma clang attribute pop

#define PF_EXITING 0x4

/* Sends no records; user space asks each object for the layouts of those that it understands. */
struct cgroup_record record_vocabulary;

/* How many allocations are remembered, a power of two; also the map's size. Set before load. */
const volatile u32 remembered = 1 << 19;

/* Which counting this is: what was allocated before it began belongs to none. User space raises it. */
u32 epoch;

struct allocation {
	u64 address;		/* 0: free */
	u64 process;
	u32 bytes;
	u32 epoch;
};

/*
 * Open-addressed by address. An address is allocated to one at a time, so what is done for it is done in turn; different
 * addresses that want the same place are told apart by claim().
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 19);
	__type(key, u32);
	__type(value, struct allocation);
} allocations SEC(".maps");

PROCESS_TABLE(kernel_memory, struct kernel_memory_row);

/* kmalloc(0) gives a pointer to nothing, which is not NULL. */
#define IS_NOTHING(address) ((address) <= 16)

static __always_inline struct allocation *place(u32 hash, u32 probe)
{
	u32 index = (hash + probe) & (remembered - 1);

	return bpf_map_lookup_elem(&allocations, &index);
}

/* Objects are at multiples of 8; those of one cache at multiples of its size. */
static __always_inline u32 hash_of_address(u64 address)
{
	return hash_of(address >> 3);
}

/* All places are taken: one of those whose frees are not seen, or which are simply old, gives way. */
static __noinline struct allocation *displace(u64 address, u32 hash)
{
	struct allocation *found = place(hash, bpf_get_prandom_u32() % PROBES);
	struct kernel_memory_row *row;
	u64 old, process;
	u32 counted;

	if (!found)
		return NULL;
	old = found->address;
	process = found->process;
	counted = found->epoch;
	if (!claim(&found->address, old, address))
		return NULL;
	if (counted != epoch)
		return found;
	row = kernel_memory_row_of(has_ended(process) ? ENDED_PROCESSES : process);
	if (row)
		ADD(row->forgotten, 1);
	return found;
}

static __noinline struct allocation *search_place(u64 address, u32 hash)
{
	struct allocation *found;

	for (u32 i = 0; i < PROBES; i++) {
		found = place(hash, i);
		if (!found)
			return NULL;
		/* The same address: it was freed unseen. */
		if (found->address == address || (!found->address && claim(&found->address, 0, address)))
			return found;
	}
	return displace(address, hash);
}

static __always_inline void remember(u64 address, u64 process, u64 bytes)
{
	struct allocation *found = search_place(address, hash_of_address(address));

	if (!found)
		return;
	found->process = process;
	found->bytes = bytes;
	found->epoch = epoch;
}

static __always_inline bool is_exiting(void)
{
	if (HAS_HELPER(get_current_task_btf))
		return bpf_get_current_task_btf()->flags & PF_EXITING;
	return BPF_CORE_READ(current_task(), flags) & PF_EXITING;
}

/* For whom is allocated right now; 0: it is not counted. */
static __always_inline u64 allocator(struct arguments *arguments)
{
	struct task_struct *task;
	u32 pid, tid, generation;
	u64 process;

	if (in_interrupt(arguments))
		return counting.kernel_memory_scope == SCOPE_HOST ? NO_PROCESS : 0;
	if (HAS_HELPER(get_current_task_btf)) {
		task = bpf_get_current_task_btf();
		pid = task->tgid;
		tid = task->pid;
		generation = task->group_leader->start_boottime >> 10;
	} else {
		u64 owner = bpf_get_current_pid_tgid();

		pid = owner >> 32;
		tid = owner;
		generation = generation_of(current_task());
	}
	if (pid == identity.pid && is_excluded(tid))
		return 0;
	if (!is_in_scope(counting.kernel_memory_scope, pid))
		return 0;
	if (!pid)
		return NO_PROCESS;	/* idle */
	process = PROCESS_KEY(pid, generation);
	return is_exiting() && has_ended(process) ? ENDED_PROCESSES : process;
}

static __always_inline int on_allocation(struct arguments *arguments, u64 address, u64 bytes)
{
	struct kernel_memory_row *row;
	u64 process;

	if (!counting.kernel_memory || IS_NOTHING(address))
		return 0;
	process = allocator(arguments);
	if (!process)
		return 0;
	row = kernel_memory_row_of(process);
	if (!row)
		return 0;
	ADD(row->allocations, 1);
	ADD(row->allocated_bytes, bytes);
	remember(address, process, bytes);
	return 0;
}

static __always_inline int on_free(u64 address)
{
	u32 hash = hash_of_address(address);
	struct kernel_memory_row *row;
	struct allocation *found;
	u64 process, bytes;
	u32 counted;

	if (IS_NOTHING(address))
		return 0;
	for (u32 i = 0; i < PROBES; i++) {
		found = place(hash, i);
		if (!found)
			return 0;
		if (found->address == address)
			goto was_remembered;
	}
	return 0;

was_remembered:
	process = found->process;
	bytes = found->bytes;
	counted = found->epoch;
	__sync_fetch_and_add(&found->address, -address);	/* somebody may be trying to claim it */
	if (counted != epoch)
		return 0;
	if ((process >> 32 != bpf_get_current_pid_tgid() >> 32 || is_exiting()) && has_ended(process))
		process = ENDED_PROCESSES;
	row = kernel_memory_row_of(process);
	if (!row)
		return 0;
	ADD(row->frees, 1);
	ADD(row->freed_bytes, bytes);
	return 0;
}

/* Linux 6.0 alone has the cache before the two sizes, and tells whether it accounts an allocation. */
static __always_inline u64 bytes_in(struct arguments *arguments)
{
	u64 fourth = arguments->word[3], fifth = arguments->word[4];

	barrier_var(fourth);	/* else the compiler chooses the address, which is refused, and not the value */
	barrier_var(fifth);
	return bpf_core_field_exists(struct trace_event_raw_kmem_alloc, accounted) ? fifth : fourth;
}

static __always_inline int on_kmalloc(struct arguments *arguments)
{
	return on_allocation(arguments, arguments->word[1], bytes_in(arguments));
}

/*
 * Up to Linux 6.0 the event tells the bytes, as that of kmalloc does; then the cache. `direct`, a constant, tells that the verifier
 * knows the pointer's type, so that one instruction reads it.
 */
static __always_inline int on_cache_alloc(struct arguments *arguments, bool direct)
{
	struct kmem_cache *cache = (void *)arguments->word[2];
	u64 bytes;

	if (bpf_core_type_exists(struct trace_event_raw_kmem_cache_alloc))
		bytes = direct ? cache->size : BPF_CORE_READ(cache, size);
	else
		bytes = bytes_in(arguments);
	return on_allocation(arguments, arguments->word[1], bytes);
}

SEC("tp_btf/kmalloc")
int kmalloc_btf(struct arguments *arguments)
{
	return on_kmalloc(arguments);
}

SEC("raw_tp/kmalloc")
int kmalloc_raw(struct arguments *arguments)
{
	return on_kmalloc(arguments);
}

/* Up to Linux 6.0. */
SEC("tp_btf/kmalloc_node")
int kmalloc_node_btf(struct arguments *arguments)
{
	return on_kmalloc(arguments);
}

SEC("raw_tp/kmalloc_node")
int kmalloc_node_raw(struct arguments *arguments)
{
	return on_kmalloc(arguments);
}

SEC("tp_btf/kmem_cache_alloc")
int kmem_cache_alloc_btf(struct arguments *arguments)
{
	return on_cache_alloc(arguments, true);
}

SEC("raw_tp/kmem_cache_alloc")
int kmem_cache_alloc_raw(struct arguments *arguments)
{
	return on_cache_alloc(arguments, false);
}

/* Up to Linux 6.0. */
SEC("tp_btf/kmem_cache_alloc_node")
int kmem_cache_alloc_node_btf(struct arguments *arguments)
{
	return on_cache_alloc(arguments, true);
}

SEC("raw_tp/kmem_cache_alloc_node")
int kmem_cache_alloc_node_raw(struct arguments *arguments)
{
	return on_cache_alloc(arguments, false);
}

SEC("tp_btf/kfree")
int kfree_btf(struct arguments *arguments)
{
	return on_free(arguments->word[1]);
}

SEC("raw_tp/kfree")
int kfree_raw(struct arguments *arguments)
{
	return on_free(arguments->word[1]);
}

SEC("tp_btf/kmem_cache_free")
int kmem_cache_free_btf(struct arguments *arguments)
{
	return on_free(arguments->word[1]);
}

SEC("raw_tp/kmem_cache_free")
int kmem_cache_free_raw(struct arguments *arguments)
{
	return on_free(arguments->word[1]);
}
