/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types, as far as these programs read them. Only names count: where a field really
 * lies is filled in when the program is loaded (CO-RE), from the running kernel's BTF.
 */
#ifndef KFR_KERNEL_H
#define KFR_KERNEL_H

typedef unsigned char __u8;
typedef signed short __s16;
typedef unsigned short __u16;
typedef signed int __s32;
typedef unsigned int __u32;
typedef signed long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

typedef __u8 u8;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;
typedef _Bool bool;

#define NULL ((void *)0)
#define true 1
#define false 0

/* From the kernel's user interface, linux/bpf.h; that header wants others that cross compilers don't find. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
};

/* Helpers that not every supported kernel has: the kernel's own list tells. */
enum bpf_func_id {
	BPF_FUNC_get_current_task_btf = 158,
	BPF_FUNC_task_pt_regs = 175,
	BPF_FUNC_find_vma = 180,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r10, r9, r8, ax, dx, si, di, orig_ax;
};

struct thread_info {
	u32 status;
};

/* One for each CPU, from 6.2 to 6.14. */
struct pcpu_hot {
	int preempt_count;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	u64 regs[31];
	u64 pstate;
	u64 orig_x0;
	s32 syscallno;
};

struct thread_info {
	struct {
		u32 count;
	} preempt;
};
#else
#error "system calls of this architecture are not known"
#endif

struct dentry;
struct super_block;
struct pid_namespace;
struct task_struct;

struct list_head {
	struct list_head *next;
};

typedef struct {
	int counter;
} atomic_t;

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
	struct dentry *s_root;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	u32 i_generation;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	s64 f_pos;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct kernfs_node {
	u64 id;
	struct kernfs_node *__parent;
	const char *name;
};

/* Up to Linux 6.14. */
struct kernfs_node___old {
	struct kernfs_node *parent;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[0];
};

/* Up to Linux 5.19 or so the ids themselves were kept. */
struct cgroup___old {
	u64 ancestor_ids[0];
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

enum cgroup_subsys_id {
	memory_cgrp_id = 4,
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct ns_common {
	unsigned int inum;
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[1];
};

struct idr {
	struct xarray idr_rt;
};

struct pid_namespace {
	struct idr idr;
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[1];
	struct upid numbers[1];
};

typedef struct {
	unsigned int val;
} kuid_t;

struct cred {
	kuid_t uid;
};

/* Linux 6.2 counts pages of a process per CPU. */
struct percpu_counter {
	s64 count;
};

struct mm_rss_stat___old {
	struct {
		s64 counter;
	} count[4];
};

struct mm_struct___old {
	struct mm_rss_stat___old rss_stat;
};

struct vm_area_struct {
	struct file *vm_file;
};

struct mm_struct {
	struct percpu_counter rss_stat[4];
	struct file *exe_file;
	unsigned long arg_start;
	unsigned long arg_end;
};

struct rq {
	u64 nr_switches;
	int cpu;
	struct task_struct *curr;
};

struct cfs_rq {
	struct rq *rq;
};

struct sched_entity {
	u64 sum_exec_runtime;
	u64 nr_migrations;
	struct cfs_rq *cfs_rq;
};

struct sched_info {
	unsigned long long run_delay;
};

struct signal_struct {
	atomic_t live;
	struct list_head thread_head;
	int group_exit_code;
	unsigned int flags;
	short oom_score_adj;
	unsigned long maxrss;
	unsigned long long sum_sched_runtime;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int __state;
	int on_cpu;
	int nr_cpus_allowed;
	struct sched_entity se;
	struct sched_info sched_info;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct hlist_node pid_links[1];
	struct list_head thread_node;
	unsigned long nvcsw;
	unsigned long nivcsw;
	u64 start_time;
	u64 start_boottime;
	unsigned long min_flt;
	unsigned long maj_flt;
	struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
	void *stack;
};

/* Up to Linux 5.13. */
struct task_struct___old {
	long state;
};

struct kernel_siginfo {
	int si_code;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct in6_addr {
	u8 bytes[16];
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	unsigned char skc_state;
	int skc_bound_dev_if;
	unsigned long skc_flags;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct socket;

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	u16 sk_type;
	u16 sk_protocol;
	u8 sk_shutdown;
	int sk_err;
};

typedef enum {
	SS_FREE,
	SS_UNCONNECTED,
} socket_state;

struct socket {
	socket_state state;
	struct file *file;
	struct sock *sk;
};

struct inet_sock {
	__be16 inet_sport;
};

struct tcp_sock {
	u64 bytes_received;
	u64 bytes_sent;
	u64 bytes_retrans;
	u32 total_retrans;
	u32 srtt_us;
};

struct sk_buff {
	char cb[48];
};

struct tcp_skb_cb {
	u16 tcp_gso_segs;
};

struct trace_event_raw_tcp_retransmit_skb {
	const void *skbaddr;
	const void *skaddr;
	int err;
};

struct gendisk {
	int major;
	int first_minor;
	char disk_name[32];
};

struct request_queue {
	struct gendisk *disk;
};

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	u64 __sector;
	u64 start_time_ns;
};

/* Up to Linux 5.16 a request had its disk. */
struct request___old {
	struct gendisk *rq_disk;
};

struct bpf_perf_event_data {
	u64 addr;
};

struct trace_event_raw_sys_enter {
	long id;
};

struct trace_event_raw_sys_exit {
	long id;
	long ret;
};

struct trace_event_raw_task_newtask {
	unsigned long clone_flags;
};

struct trace_event_raw_sched_process_exec {
	int old_pid;
};

#pragma clang attribute pop

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Raw and BTF tracepoints get their arguments as an array of 64-bit words. */
struct arguments {
	u64 word[6];
};

#define HAS_HELPER(name) bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_##name)

/* From 6.2 on programs can tell the verifier the type of an address, and then read there without a helper; its own name for that. */
enum special_kfunc_type {
	KF_bpf_rdonly_cast,
};

extern void *bpf_rdonly_cast(const void *address, u32 type) __ksym __weak;

#define HAS_CAST bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)
#define TYPED(pointer) ((typeof(pointer))bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(typeof(*(pointer)))))

/*
 * BPF_CORE_READ for what runs often: it calls a helper for each arrow, and where calls are guarded against speculation each costs as much as
 * tens of instructions. Like there a bad address reads as 0. A pointer that is read this way is one to the verifier, too: no
 * operations on its bits, and no argument of a global function.
 */
#define FIELD(pointer, ...) (HAS_CAST ? ___arrow(TYPED(pointer), __VA_ARGS__) : BPF_CORE_READ(pointer, __VA_ARGS__))

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

#endif
