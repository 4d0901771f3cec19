/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network: the part of syscalls.bpf.c that looks at calls on sockets, and the programs that follow TCP connections. They share the
 * table of connections: a connection's state mostly changes in an interrupt, where nobody's process is the current
 * one, so whoever opened or accepted it is remembered by the address of its socket until it is closed.
 *
 * What programs send and receive is counted where their calls end, so what they do through io_uring is not seen.
 */
#ifndef KFR_NETWORK_H
#define KFR_NETWORK_H

#include "rows.h"

#define S_IFSOCK 0140000
#define PF_KERNEL_THREAD 0x200000
#define EADDRNOTAVAIL 99
#define EINPROGRESS 115
#define ECANCELED 125

/* include/linux/socket.h, include/uapi/linux/in.h */
#define AF_INET 2
#define AF_INET6 10
#define SOCK_TYPE_MASK 0xf
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP 262
#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000
#define MOST_MESSAGES 1024	/* of one call: the kernel's UIO_MAXIOV */
#define SHUTDOWN_MASK 3

/* Bits of skc_flags: enum sock_flags, the same since ever. */
#define SOCK_DEAD 0
#define SOCK_DONE 1

/* include/net/tcp_states.h */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
};
#define WAS_ESTABLISHED                                                                                                           \
	(1 << TCP_ESTABLISHED | 1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 | 1 << TCP_CLOSE_WAIT | 1 << TCP_LAST_ACK | 1 << TCP_CLOSING)

/* Since when connections are followed, ns; written by user space when the program that follows them is attached. */
u64 following_since;

/* Connections that were not remembered because the table was full; user space reads it. */
u64 connections_forgotten;

/* Throttle of RECORD_CONNECTION_ENDED. */
#define MOST_ENDED_PER_SECOND 1000
struct event_settings ended_connections = {.rate = MOST_ENDED_PER_SECOND};

PROCESS_TABLE(network, struct network_row)

/* Whose a connection is, as it was when it was opened or accepted. All 0: not known. */
struct owner {
	struct header who;
	u32 in_container;	/* 1: in the agent's */
	u32 excluded;		/* 1: a thread of the agent */
};

struct connection {
	struct owner owner;
	u64 since;		/* ns: connect began, or it was established */
	u32 established;
	enum direction direction;
};

/* By address of the socket. User space sets max_entries. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct connection);
} connections SEC(".maps");

/* A socket that is made for an incoming connection knows its network namespace and port, not who listens there. */
struct listener {
	u64 net;
	u64 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener);
	__type(value, struct owner);
} listeners SEC(".maps");

/* Sockets, by inode, that have been told to have failed to connect: the call that failed tells it once more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u8);
} failed_connects SEC(".maps");

/* ---- Whose it is. ---- */

static __noinline int fill_owner(struct owner *owner, struct task_struct *task)
{
	fill_header(&owner->who, 0, task, 0, 0, 0);
	owner->in_container = in_container(task);
	owner->excluded = is_excluded(owner->who.tid);
	return 0;
}

/* Whether what a connection does is to be told or counted; what is nobody's, only of the whole host. */
static __always_inline bool is_owner_in_scope(enum scope scope, struct owner *owner)
{
	if (owner->excluded)
		return false;
	if (scope == SCOPE_HOST)
		return true;
	return scope == SCOPE_JVM ? owner->who.pid == identity.watched : owner->in_container;
}

/* The row to count in from an interrupt; NULL if it is not counted. Processes that may have ended have none: a closed socket lives on. */
static __always_inline struct network_row *row_of_owner(struct owner *owner, struct sock *sk)
{
	bool closed = FIELD(sk, __sk_common.skc_flags) >> SOCK_DEAD & 1;

	if (!counting.network || !is_owner_in_scope(counting.network_scope, owner))
		return NULL;
	return network_row_of(closed || !owner->who.pid ? NO_PROCESS : PROCESS_KEY(owner->who.pid, owner->who.generation));
}

static __always_inline struct connection *find_connection(struct sock *sk)
{
	u64 key = (u64)sk;

	return bpf_map_lookup_elem(&connections, &key);
}

static __always_inline void remember(struct sock *sk, struct connection *connection)
{
	u64 key = (u64)sk;

	if ((s32)bpf_map_update_elem(&connections, &key, connection, BPF_ANY))
		__sync_fetch_and_add(&connections_forgotten, 1);
}

static __always_inline void forget(struct sock *sk)
{
	u64 key = (u64)sk;

	bpf_map_delete_elem(&connections, &key);
}

static __always_inline void fill_listener(struct listener *listener, struct sock *sk)
{
	listener->net = (u64)FIELD(sk, __sk_common.skc_net.net);
	listener->port = FIELD(sk, __sk_common.skc_num);
}

static __always_inline bool is_tcp(struct sock *sk)
{
	return FIELD(sk, sk_protocol) == IPPROTO_TCP && FIELD(sk, sk_type) == SOCK_STREAM;
}

/* ---- Records of connections. ---- */

#define SWAPPED(port) __builtin_bswap16(port)

static __always_inline void fill_addresses(struct tcp_record *record, struct sock *sk)
{
	struct sock_common *common = &sk->__sk_common;

	record->family = FIELD(common, skc_family);
	/* Not skc_num: a closed socket has given it back. */
	record->local_port = SWAPPED(FIELD((struct inet_sock *)sk, inet_sport));
	record->remote_port = SWAPPED(FIELD(common, skc_dport));
	record->interface = FIELD(common, skc_bound_dev_if);
	record->network_namespace = FIELD(common, skc_net.net, ns.inum);
	if (record->family == AF_INET6) {
		bpf_probe_read_kernel(record->local_address, 16, &common->skc_v6_rcv_saddr);
		bpf_probe_read_kernel(record->remote_address, 16, &common->skc_v6_daddr);
	} else {
		bpf_probe_read_kernel(record->local_address, 4, &common->skc_rcv_saddr);
		bpf_probe_read_kernel(record->remote_address, 4, &common->skc_daddr);
	}
}

/* Everything but what only one type of record has. */
static __always_inline void fill_tcp_record(struct tcp_record *record, enum record_type type, struct sock *sk,
					    struct connection *connection, u64 start, u64 duration)
{
	__builtin_memset(record, 0, sizeof(*record));
	if (connection) {
		record->header = connection->owner.who;
		record->direction = connection->direction;
	}
	record->header.type = type;
	record->header.start = start;
	record->header.duration = duration;
	fill_addresses(record, sk);
}

/* Whether an event about a connection, or about nobody's, is to be made. */
static __always_inline bool is_event_wanted(struct event_settings *setting, struct connection *connection)
{
	if (!setting->enabled)
		return false;
	return connection ? is_owner_in_scope(setting->scope, &connection->owner) : setting->scope == SCOPE_HOST;
}

static __noinline int report_connect(struct sock *sk, struct connection *connection, u32 error)
{
	struct event_settings *setting = &settings[RECORD_TCP_CONNECT];
	u64 duration = bpf_ktime_get_ns() - connection->since;
	struct tcp_record record;

	if (!is_event_wanted(setting, connection) || duration < setting->threshold || !admit(SUBJECT_NETWORK, setting))
		return 0;
	fill_tcp_record(&record, RECORD_TCP_CONNECT, sk, connection, connection->since, duration);
	record.error = error;
	submit_event(SUBJECT_NETWORK, &record, sizeof(record));
	return 0;
}

/* The counters of the socket that say what it has done. */
static __always_inline void fill_totals(struct tcp_record *record, struct sock *sk, struct connection *connection)
{
	struct tcp_sock *tcp = (void *)sk;
	u64 since = connection && connection->direction != DIRECTION_UNKNOWN ? connection->since : following_since;
	u64 received = FIELD(tcp, bytes_received);
	u64 done = FIELD(sk, __sk_common.skc_flags) >> SOCK_DONE & 1;	/* the peer's FIN was received, and counted as a byte */

	record->lifetime = since ? record->header.start - since : 0;
	record->bytes_received = received - (received ? done : 0);
	record->bytes_sent = FIELD(tcp, bytes_sent) - FIELD(tcp, bytes_retrans);
	record->retransmits = FIELD(tcp, total_retrans);
	record->smoothed_rtt = FIELD(tcp, srtt_us) >> 3;
	record->error = FIELD(sk, sk_err);
}

static __noinline int report_end(struct sock *sk, struct connection *connection, u32 state)
{
	struct event_settings *setting = &settings[RECORD_TCP_CONNECTION];
	struct tcp_record record;
	bool wanted = is_event_wanted(setting, connection) && admit(SUBJECT_NETWORK, setting);
	bool listed = counting.connections && !is_throttled(&ended_connections) &&
		      (connection ? is_owner_in_scope(counting.connections_scope, &connection->owner)
				  : counting.connections_scope == SCOPE_HOST);

	if (!wanted && !listed)
		return 0;
	fill_tcp_record(&record, RECORD_TCP_CONNECTION, sk, connection, bpf_ktime_get_ns(), 0);
	fill_totals(&record, sk, connection);
	record.state = state;
	if (wanted)
		submit_event(SUBJECT_NETWORK, &record, sizeof(record));
	if (listed) {
		record.header.type = RECORD_CONNECTION_ENDED;
		submit_internal(&record, sizeof(record));
	}
	return 0;
}

/* ---- Connections, as their state changes. ---- */

/* connect was called: the caller is the current process. */
static __noinline int on_connecting(struct sock *sk)
{
	struct connection connection = {};

	fill_owner(&connection.owner, running_task());
	connection.since = bpf_ktime_get_ns();
	connection.direction = DIRECTION_OPENED;
	remember(sk, &connection);
	return 0;
}

/* One that was being opened, or a new one, that nobody has accepted yet. */
static __noinline int on_established(struct sock *sk, u32 before)
{
	struct connection *known = find_connection(sk), fresh = {};
	struct listener listener;
	struct network_row *row;
	struct owner *owner;

	if (known && known->established)
		return 0;
	if (known) {
		report_connect(sk, known, 0);
		known->since = bpf_ktime_get_ns();
		known->established = 1;
	} else {
		fresh.since = bpf_ktime_get_ns();
		fresh.established = 1;
		fresh.direction = before == TCP_SYN_RECV ? DIRECTION_ACCEPTED : DIRECTION_OPENED;
		if (before == TCP_SYN_RECV) {
			fill_listener(&listener, sk);
			owner = bpf_map_lookup_elem(&listeners, &listener);
			if (owner)
				fresh.owner = *owner;
		}
		remember(sk, &fresh);
		known = &fresh;
	}
	if (known->direction == DIRECTION_OPENED) {
		row = row_of_owner(&known->owner, sk);
		if (row)
			ADD(row->opened, 1);
	}
	return 0;
}

/* A socket that is older than we are is closed or shut down: whoever does so is the current process. */
static __noinline int on_closing(struct sock *sk)
{
	struct connection connection = {};
	struct task_struct *task = running_task();

	if (find_connection(sk) || FIELD(task, flags) & PF_KERNEL_THREAD)
		return 0;
	fill_owner(&connection.owner, task);
	connection.since = following_since;
	connection.established = 1;
	remember(sk, &connection);
	return 0;
}

/* Why a socket that was connecting is closed; nobody's fault if the program itself gave up. */
static __always_inline u32 connect_error(struct sock *sk)
{
	u32 error = FIELD(sk, sk_err);

	if (error)
		return error;
	if (FIELD(sk, sk_shutdown) != SHUTDOWN_MASK && FIELD(sk, sk_socket, state) == SS_UNCONNECTED)
		return EADDRNOTAVAIL;	/* still in the call of connect, which found no port */
	return ECANCELED;
}

static __noinline int on_failed(struct sock *sk, struct connection *connection)
{
	u64 inode = FIELD(sk, sk_socket, file, f_inode, i_ino);
	u8 yes = 1;

	report_connect(sk, connection, connect_error(sk));
	if (inode)
		bpf_map_update_elem(&failed_connects, &inode, &yes, BPF_ANY);
	return 0;
}

static __noinline int on_closed(struct sock *sk, u32 before)
{
	struct connection *connection;

	/* close() of what has unread data: nothing came before this. */
	if ((before == TCP_ESTABLISHED || before == TCP_CLOSE_WAIT) && FIELD(sk, sk_shutdown) == SHUTDOWN_MASK)
		on_closing(sk);
	connection = find_connection(sk);
	/* What the state was counts: kernels may leave out the run that would have noted that it was established. */
	if (1 << (before & 31) & WAS_ESTABLISHED || (connection && connection->established))
		report_end(sk, connection, before);
	else if (connection)
		on_failed(sk, connection);
	if (connection)
		forget(sk);
	return 0;
}

/*
 * A socket made for an incoming connection is new: what is remembered of its address is of another one. Its end was missed, since kernels
 * from 6.2 or so leave out a run that comes upon another one of the same program, as an interrupt's does.
 */
static __always_inline int on_incoming(struct sock *sk)
{
	if (find_connection(sk))
		forget(sk);
	return 0;
}

static __noinline int on_listen(struct sock *sk)
{
	struct listener listener;
	struct owner owner = {};

	fill_listener(&listener, sk);
	fill_owner(&owner, running_task());
	bpf_map_update_elem(&listeners, &listener, &owner, BPF_ANY);
	return 0;
}

static __always_inline int on_state(struct sock *sk, u32 before, u32 now)
{
	if (!is_tcp(sk))
		return 0;
	switch (now) {
	case TCP_SYN_SENT:
		return on_connecting(sk);
	case TCP_SYN_RECV:
		return before == TCP_LISTEN ? on_incoming(sk) : 0;
	case TCP_ESTABLISHED:
		return on_established(sk, before);
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		return on_closing(sk);
	case TCP_LISTEN:
		return on_listen(sk);
	case TCP_CLOSE:
		return before == TCP_LISTEN ? 0 : on_closed(sk, before);
	}
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int tcp_state_btf(struct arguments *arguments)
{
	return on_state((void *)arguments->word[0], arguments->word[1], arguments->word[2]);
}

SEC("raw_tp/inet_sock_set_state")
int tcp_state_raw(struct arguments *arguments)
{
	return on_state((void *)arguments->word[0], arguments->word[1], arguments->word[2]);
}

/* ---- Retransmits ---- */

static __noinline int on_retransmit(struct sock *sk, struct sk_buff *packet)
{
	struct event_settings *setting = &settings[RECORD_TCP_RETRANSMIT];
	struct tcp_skb_cb *control = (void *)&packet->cb;
	struct connection *connection = find_connection(sk);
	u32 segments = FIELD(control, tcp_gso_segs);
	struct owner nobody = {};
	struct tcp_record record;
	struct network_row *row = row_of_owner(connection ? &connection->owner : &nobody, sk);

	if (!segments)
		segments = 1;
	if (row)
		ADD(row->retransmits, segments);
	if (!is_event_wanted(setting, connection) || !admit(SUBJECT_NETWORK, setting))
		return 0;
	fill_tcp_record(&record, RECORD_TCP_RETRANSMIT, sk, connection, bpf_ktime_get_ns(), 0);
	record.state = FIELD(sk, __sk_common.skc_state);
	record.retransmits = segments;
	submit_event(SUBJECT_NETWORK, &record, sizeof(record));
	return 0;
}

/* From 6.18 or so the event also tells of those that could not be sent, with an error in its third argument. */
#define TELLS_ERROR() bpf_core_field_exists(((struct trace_event_raw_tcp_retransmit_skb *)0)->err)

SEC("tp_btf/tcp_retransmit_skb")
int tcp_retransmit_btf(struct arguments *arguments)
{
	if (TELLS_ERROR() && (s32)arguments->word[2])
		return 0;
	return on_retransmit((void *)arguments->word[0], (void *)arguments->word[1]);
}

SEC("raw_tp/tcp_retransmit_skb")
int tcp_retransmit_raw(struct arguments *arguments)
{
	if (TELLS_ERROR() && (s32)arguments->word[2])
		return 0;
	return on_retransmit((void *)arguments->word[0], (void *)arguments->word[1]);
}

/* ---- Calls on sockets; as in files.bpf.h, what is rarely run is a global function. ---- */

static __always_inline struct sock *socket_in(struct file *file)
{
	struct socket *socket = FIELD(file, private_data);

	return kind_of(file) == S_IFSOCK ? FIELD(socket, sk) : NULL;
}

static __always_inline struct network_row *row_of_caller(struct call *call)
{
	if (!counting.network || !is_in_scope(counting.network_scope, call->pid))
		return NULL;
	return network_row_of(PROCESS_KEY(call->pid, call->generation));
}

__attribute__((noinline)) int report_socket(s64 result)
{
	struct event_settings *setting = &settings[RECORD_SOCKET_CREATE];
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct socket_record *record;
	struct sock *sk;

	if (!s || !call || !admit(SUBJECT_NETWORK, setting))
		return 0;
	fill_call_header(RECORD_SOCKET_CREATE);
	record = &s->socket;
	record->result = result;
	record->family = argument_in(call->regs, 0);
	record->type = argument_in(call->regs, 1) & SOCK_TYPE_MASK;
	record->protocol = argument_in(call->regs, 2);
	sk = is_error(result) ? NULL : socket_in(file_of(result));
	if (sk)
		record->protocol = FIELD(sk, sk_protocol);	/* the program may leave the choice to the kernel */
	submit_event(SUBJECT_NETWORK, record, sizeof(*record));
	return 0;
}

__attribute__((noinline)) int look_at_new_socket(void)
{
	struct call *call = call_of_this_cpu();
	s32 pair[2] = {};
	struct network_row *row;
	bool is_pair;

	if (!call)
		return 0;
	is_pair = call->id == NR_socketpair && !is_error(call->result);
	row = is_error(call->result) ? NULL : row_of_caller(call);
	if (row)
		ADD(row->sockets, is_pair ? 2 : 1);
	if (!is_wanted(call, &settings[RECORD_SOCKET_CREATE]))
		return 0;
	if (!is_pair)
		return report_socket(call->result);
	bpf_probe_read_user(pair, sizeof(pair), (void *)argument_in(call->regs, 3));
	report_socket(pair[0]);
	return report_socket(pair[1]);
}

/* A connection that an accept returned is the caller's from now on. */
__attribute__((noinline)) int look_at_accepted(void)
{
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct connection fresh = {}, *known;
	struct listener listener;
	struct network_row *row;
	struct sock *sk;

	if (!s || !call || is_error(call->result))
		return 0;
	sk = socket_in(file_of(call->result));
	if (!sk || !is_tcp(sk))
		return 0;
	row = row_of_caller(call);
	if (row)
		ADD(row->accepted, 1);
	fill_call_header(0);
	fresh.owner.who = s->tcp.header;
	fresh.owner.in_container = in_container(running_task());	/* and no thread of the agent: these calls are left out */
	known = find_connection(sk);
	if (known) {
		known->owner = fresh.owner;
		known->direction = DIRECTION_ACCEPTED;
	} else if (FIELD(sk, __sk_common.skc_state) != TCP_CLOSE) {
		fresh.since = bpf_ktime_get_ns();
		fresh.established = 1;
		fresh.direction = DIRECTION_ACCEPTED;
		remember(sk, &fresh);
		if (FIELD(sk, __sk_common.skc_state) == TCP_CLOSE)
			forget(sk);	/* closed meanwhile */
	}
	/* Somebody has listened since before we came. */
	sk = socket_in(file_of(argument_in(call->regs, 0)));
	if (sk) {
		fill_listener(&listener, sk);
		bpf_map_update_elem(&listeners, &listener, &fresh.owner, BPF_NOEXIST);
	}
	return 0;
}

/* The address that connect was given. */
static __always_inline void fill_asked_address(struct tcp_record *record, void *address)
{
	u16 head[2] = {};	/* family and port of all sockaddrs of these families */

	bpf_probe_read_user(head, sizeof(head), address);
	if (head[0] == AF_INET)
		bpf_probe_read_user(record->remote_address, 4, address + 4);
	else if (head[0] == AF_INET6)
		bpf_probe_read_user(record->remote_address, 16, address + 8);
	else
		return;
	record->family = head[0];
	record->remote_port = SWAPPED(head[1]);
}

/* A connect that failed before anything was sent, as where there is no route: the socket's state has not changed. */
__attribute__((noinline)) int look_at_failed_connect(void)
{
	struct event_settings *setting = &settings[RECORD_TCP_CONNECT];
	struct scratch *s = scratch_of_this_cpu();
	struct call *call = call_of_this_cpu();
	struct tcp_record *record;
	struct file *file;
	struct sock *sk;
	u64 inode;

	if (!s || !call || call->result == -EINPROGRESS || !is_wanted(call, setting))
		return 0;
	file = file_of(argument_in(call->regs, 0));
	sk = socket_in(file);
	if (!sk || !is_tcp(sk) || FIELD(sk, __sk_common.skc_state) != TCP_CLOSE)
		return 0;
	inode = FIELD(file, f_inode, i_ino);
	if (!(s32)bpf_map_delete_elem(&failed_connects, &inode) || !admit(SUBJECT_NETWORK, setting))
		return 0;
	record = &s->tcp;
	__builtin_memset(record, 0, sizeof(*record));
	fill_call_header(RECORD_TCP_CONNECT);
	fill_asked_address(record, (void *)argument_in(call->regs, 1));
	record->network_namespace = FIELD(sk, __sk_common.skc_net.net, ns.inum);
	record->direction = DIRECTION_OPENED;
	record->error = -call->result;
	submit_event(SUBJECT_NETWORK, record, sizeof(*record));
	return 0;
}

/* struct mmsghdr is a struct msghdr and the length of what was sent or received. */
#define MMSGHDR_BYTES 64
#define MMSGHDR_LENGTH 56

/* In two steps of 32: the verifier goes through each of these functions once, and not through all messages. */
#define MESSAGES_AT_ONCE 32

__attribute__((noinline)) u64 bytes_of_some_messages(u64 vector, u32 count)
{
	u64 sum = 0;
	u32 length;

	for (u32 i = 0; i < MESSAGES_AT_ONCE && i < count; i++) {
		length = 0;
		bpf_probe_read_user(&length, sizeof(length), (void *)vector + i * MMSGHDR_BYTES + MMSGHDR_LENGTH);
		sum += length;
	}
	return sum;
}

__attribute__((noinline)) u64 bytes_of_messages(u64 vector, u32 count)
{
	u64 sum = 0;

	for (u32 i = 0; i < MOST_MESSAGES && i < count; i += MESSAGES_AT_ONCE)
		sum += bytes_of_some_messages(vector + i * MMSGHDR_BYTES, count - i);
	return sum;
}

__attribute__((noinline)) int add_traffic(u64 file, u32 sent)
{
	struct sock *sk = socket_in((struct file *)file);
	struct call *call = call_of_this_cpu();
	u64 messages = 1, bytes;
	struct network_row *row;
	u32 protocol, family;
	bool udp;

	if (!sk || !call)
		return 0;
	bytes = call->result;
	protocol = FIELD(sk, sk_protocol);
	udp = protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE;
	if (!udp && ((protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP) || !bytes))
		return 0;
	family = FIELD(sk, __sk_common.skc_family);
	if (family != AF_INET && family != AF_INET6)
		return 0;	/* other families number their protocols in their own way */
	row = row_of_caller(call);
	if (!row)
		return 0;
	if (call->id == NR_sendmmsg || call->id == NR_recvmmsg) {
		messages = call->result;
		bytes = bytes_of_messages(argument_in(call->regs, 1), messages);
	}
	if (udp && sent) {
		ADD(row->udp_sent, messages);
		ADD(row->udp_bytes_sent, bytes);
	} else if (udp) {
		ADD(row->udp_received, messages);
		ADD(row->udp_bytes_received, bytes);
	} else if (sent) {
		ADD(row->tcp_sent, messages);
		ADD(row->tcp_bytes_sent, bytes);
	} else {
		ADD(row->tcp_received, messages);
		ADD(row->tcp_bytes_received, bytes);
	}
	return 0;
}

/* Looked at and left in the queue, or no data but what became of some. */
static __always_inline bool is_no_receipt(struct call *call)
{
	u64 flags;

	switch (call->id) {
	case NR_recvfrom:
	case NR_recvmmsg:
		flags = argument_in(call->regs, 3);
		break;
	case NR_recvmsg:
		flags = argument_in(call->regs, 2);
		break;
	default:
		return false;
	}
	return flags & (MSG_PEEK | MSG_ERRQUEUE);
}

__attribute__((noinline)) int look_at_traffic(void)
{
	struct call *call = call_of_this_cpu();
	bool receives;

	if (!call || is_no_receipt(call))
		return 0;
	switch (call->id) {
	case NR_sendfile:
		return add_traffic((u64)file_of(argument_in(call->regs, 0)), true);
	case NR_splice:
		add_traffic((u64)file_of(argument_in(call->regs, 0)), false);
		return add_traffic((u64)file_of(argument_in(call->regs, 2)), true);
	case NR_recvfrom:
	case NR_recvmsg:
	case NR_recvmmsg:
		receives = true;
		break;
	default:
		receives = call->class & CALL_READ;
	}
	return add_traffic((u64)(call->file ? call->file : file_of(argument_in(call->regs, 0))), !receives);
}

/* ---- Which of it a call is. ---- */

/* Whether somebody wants to know whose connections are. */
static __always_inline bool are_connections_followed(void)
{
	return counting.network || counting.connections || settings[RECORD_TCP_CONNECTION].enabled ||
	       settings[RECORD_TCP_RETRANSMIT].enabled;
}

/* Asked for each call of the host. */
static __always_inline bool is_for_network(struct call *call)
{
	if (counting.network && call->class & (CALL_READ | CALL_WRITE | CALL_SOCKET))
		return true;
	if (!(call->class & CALL_SOCKET))
		return false;
	return settings[RECORD_SOCKET_CREATE].enabled || settings[RECORD_TCP_CONNECT].enabled || are_connections_followed();
}

static __always_inline void look_at_network_call(struct call *call)
{
	switch (call->id) {
	case NR_socket:
	case NR_socketpair:
		look_at_new_socket();
		break;
	case NR_accept:
	case NR_accept4:
		if (are_connections_followed())
			look_at_accepted();
		break;
	case NR_connect:
		if (is_error(call->result))
			look_at_failed_connect();
		break;
	default:
		if (counting.network && !is_error(call->result))
			look_at_traffic();
	}
}

#endif
