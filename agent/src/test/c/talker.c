// SPDX-License-Identifier: Apache-2.0
/*
 * Talks over the network a known number of times, as witness.c does other things: waits for a line on standard input before it begins,
 * prints what it did as "key=value" lines, then "done", and stays until standard input ends. All of it is on the loopback interface, both
 * ends of a connection in this process unless said otherwise.
 *
 *   talker pairs N FAMILY END BYTES   N connections of FAMILY 4, 6 or mapped; BYTES there, BYTES + 7 back; closed as END says:
 *                                     client, server (who closes first), reset (by the client), refuse-rest (the client closes with
 *                                     unread data), half (the client shuts down, then the server sends BYTES more), both (shut down at once)
 *   talker refused N                  N blocking connects to a port that nobody listens on, and N that don't block
 *   talker timeout                    a connect that nobody answers
 *   talker abandon                    the same, closed while it tries
 *   talker unreachable                a connect without a route; for a network namespace of its own
 *   talker established MILLIS         a connect that is answered only after MILLIS, blocking
 *   talker drop SEGMENTS              data that the receiver drops until SEGMENTS were sent again; in a network namespace of its own
 *   talker inherit BYTES              a connection whose both ends a child inherits; the child sends BYTES and closes last
 *   talker handover                   a child accepts what this process listens for
 *   talker sockets N                  N sockets of each kind that it knows, N pairs, N failures
 *   talker tcp N SIZE                 every call that sends and receives by TCP, N times SIZE bytes each
 *   talker udp N SIZE                 the same by UDP, and calls that fail
 *   talker load CLIENTS N SIZE        a child serves CLIENTS threads of this process, each of which opens N connections and sends and gets
 *                                     SIZE bytes in each
 *   talker pingpong N SIZE            N messages of SIZE bytes there and back; prints how long it took
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 16];

static void die(const char *what)
{
	fprintf(stderr, "talker: %s: %s\n", what, strerror(errno));
	exit(70);
}

#define CHECK(call)                                  \
	({                                           \
		__typeof__(call) _result = (call);   \
		if (_result == (__typeof__(call))-1) \
			die(#call);                  \
		_result;                             \
	})

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void nap(long millis)
{
	struct timespec time = {millis / 1000, millis % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/* ---- addresses ---- */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

/* The loopback address; "mapped" is IPv4 for an IPv6 socket. */
static struct address loopback(const char *family, int port)
{
	struct address address;

	memset(&address, 0, sizeof(address));
	if (!strcmp(family, "4")) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.v4.sin_port = htons(port);
		address.length = sizeof(address.v4);
		return address;
	}
	address.v6.sin6_family = AF_INET6;
	address.v6.sin6_port = htons(port);
	address.length = sizeof(address.v6);
	if (!strcmp(family, "6")) {
		address.v6.sin6_addr = in6addr_loopback;
	} else {
		address.v6.sin6_addr.s6_addr[10] = address.v6.sin6_addr.s6_addr[11] = 0xff;
		address.v6.sin6_addr.s6_addr[12] = 127;
		address.v6.sin6_addr.s6_addr[15] = 1;
	}
	return address;
}

static int local_port(int fd)
{
	struct address address = {.length = sizeof(address.v6)};

	CHECK(getsockname(fd, &address.any, &address.length));
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static int listen_on(const char *family, int backlog)
{
	struct address address = loopback(family, 0);
	int fd = CHECK(socket(address.any.sa_family, SOCK_STREAM, 0));

	CHECK(bind(fd, &address.any, address.length));
	CHECK(listen(fd, backlog));
	return fd;
}

static int connect_to(const char *family, int port)
{
	struct address address = loopback(family, port);
	int fd = CHECK(socket(address.any.sa_family, SOCK_STREAM, 0));

	CHECK(connect(fd, &address.any, address.length));
	return fd;
}

/* ---- data ---- */

static void send_all(int fd, long bytes)
{
	while (bytes > 0)
		bytes -= CHECK(send(fd, buffer, bytes < (long)sizeof(buffer) ? bytes : (long)sizeof(buffer), 0));
}

static long receive(int fd, long bytes)
{
	long left = bytes;

	while (left > 0) {
		long got = CHECK(recv(fd, buffer, left < (long)sizeof(buffer) ? left : (long)sizeof(buffer), 0));
		if (!got)
			break;
		left -= got;
	}
	return bytes - left;
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	memset(&info, 0, sizeof(info));
	CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length));
	return info;
}

/* One end of a connection, as the kernel tells its owner. */
static void print_end(const char *kind, int fd, int remote, long sent, long received)
{
	struct tcp_info info = info_of(fd);

	printf("%s=%d remote=%d sent=%ld received=%ld rtt=%u retransmits=%u\n", kind, local_port(fd), remote, sent, received, info.tcpi_rtt,
	       info.tcpi_total_retrans);
}

static void reset(int fd)
{
	struct linger linger = {1, 0};

	CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	close(fd);
}

/* Waits until the peer's FIN or reset has arrived. */
static void await_end(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLRDHUP};

	CHECK(poll(&poll_fd, 1, 10000));
}

static void do_pairs(long n, const char *family, const char *end, long bytes)
{
	int listener = listen_on(family, 16);
	int port = local_port(listener);
	long more = !strcmp(end, "half") ? bytes : 0, unread = !strcmp(end, "refuse-rest") ? 100 : 0;

	for (long i = 0; i < n; i++) {
		int client = connect_to(family, port);
		int server = CHECK(accept(listener, NULL, NULL));
		int client_port = local_port(client);

		send_all(client, bytes);
		receive(server, bytes);
		send_all(server, bytes + 7 + unread);
		receive(client, bytes + 7);
		if (more) {
			shutdown(client, SHUT_WR);
			await_end(server);
			send_all(server, more);
			receive(client, more);
		}
		if (!strcmp(end, "both")) {
			shutdown(client, SHUT_WR);
			shutdown(server, SHUT_WR);
		}
		if (unread)
			while (info_of(client).tcpi_bytes_received < (unsigned long long)bytes + 7 + unread)
				nap(1);
		print_end("client", client, port, bytes, bytes + 7 + more + unread);
		print_end("server", server, client_port, bytes + 7 + more + unread, bytes);
		if (!strcmp(end, "reset")) {
			reset(client);
			await_end(server);
			close(server);
		} else if (!strcmp(end, "server")) {
			close(server);
			await_end(client);
			close(client);
		} else {
			close(client);
			await_end(server);
			close(server);
		}
	}
	close(listener);
}

/* ---- connects that fail or take long ---- */

static int free_port(void)
{
	int fd = listen_on("4", 1);
	int port = local_port(fd);

	close(fd);
	return port;
}

static void do_refused(long n)
{
	int port = free_port();
	struct address address = loopback("4", port);

	printf("port=%d\n", port);
	for (long i = 0; i < 2 * n; i++) {
		int fd = CHECK(socket(AF_INET, SOCK_STREAM | (i < n ? 0 : SOCK_NONBLOCK), 0)), error = 0;
		socklen_t length = sizeof(error);
		long long before = now();

		if (connect(fd, &address.any, address.length) == 0)
			die("connected");
		if (errno == EINPROGRESS) {
			struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
			CHECK(poll(&poll_fd, 1, 10000));
			CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
			errno = error;
		}
		if (errno != ECONNREFUSED)
			die("expected ECONNREFUSED");
		printf("took=%lld\n", now() - before);
		close(fd);
	}
}

/* A listener that answers nobody: its queue is full. Who connects to it goes on asking. */
static int deaf_listener(int *filler)
{
	int listener = listen_on("4", 0);
	int port = local_port(listener);

	for (int i = 0; i < 8; i++) {
		struct address address = loopback("4", port);

		filler[i] = CHECK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
		connect(filler[i], &address.any, address.length);
	}
	nap(100);
	return listener;
}

static void do_unanswered(const char *what, long millis)
{
	int filler[8], once = 1;
	int listener = deaf_listener(filler);
	struct address address = loopback("4", local_port(listener)), own = loopback("4", 0);
	int fd = CHECK(socket(AF_INET, SOCK_STREAM | (strcmp(what, "abandon") ? 0 : SOCK_NONBLOCK), 0)), result;
	long long before;

	CHECK(bind(fd, &own.any, own.length));	/* so that its port is known also when it has failed */
	printf("client=%d\n", local_port(fd));

	CHECK(setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once)));
	printf("port=%d\n", local_port(listener));
	if (!strcmp(what, "established") && !fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		nap(millis);
		for (;;)	/* room in the queue again and again */
			close(accept(listener, NULL, NULL));
	}
	before = now();
	result = connect(fd, &address.any, address.length);
	if (!strcmp(what, "timeout") && (!result || errno != ETIMEDOUT))
		die("expected ETIMEDOUT");
	if (!strcmp(what, "established") && result)
		die("expected a connection");
	if (!strcmp(what, "abandon")) {
		nap(50);
		close(fd);
	} else if (!strcmp(what, "established")) {
		printf("retransmits=%u\n", info_of(fd).tcpi_total_retrans);
	}
	printf("took=%lld\n", now() - before);
}

static void do_unreachable(void)
{
	struct address address = loopback("4", 81);
	int fd = CHECK(socket(AF_INET, SOCK_STREAM, 0));

	address.v4.sin_addr.s_addr = htonl(0x0a010203);
	if (!connect(fd, &address.any, address.length) || errno != ENETUNREACH)
		die("expected ENETUNREACH");
	printf("errno=%d\n", errno);
}

/* ---- lost data ---- */

static void bring_loopback_up(void)
{
	struct ifreq request;
	int fd = CHECK(socket(AF_INET, SOCK_DGRAM, 0));

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	CHECK(ioctl(fd, SIOCGIFFLAGS, &request));
	request.ifr_flags |= IFF_UP;
	CHECK(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

static long retransmitted_segments(void)
{
	char names[1024], values[1024], *name, *value, *name_rest, *value_rest;
	FILE *file = fopen("/proc/self/net/snmp", "r");
	long result = -1;

	while (fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		if (strncmp(names, "Tcp:", 4))
			continue;
		name = strtok_r(names, " \n", &name_rest);
		value = strtok_r(values, " \n", &value_rest);
		while (name && value) {
			if (!strcmp(name, "RetransSegs"))
				result = atol(value);
			name = strtok_r(NULL, " \n", &name_rest);
			value = strtok_r(NULL, " \n", &value_rest);
		}
	}
	fclose(file);
	return result;
}

static void do_drop(long segments)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &nothing};
	const long bytes = 30000;
	long before;
	int listener, client, server, port;

	bring_loopback_up();
	before = retransmitted_segments();
	listener = listen_on("4", 1);
	port = local_port(listener);
	client = connect_to("4", port);
	server = CHECK(accept(listener, NULL, NULL));
	CHECK(setsockopt(server, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)));
	send_all(client, bytes);
	while (info_of(client).tcpi_total_retrans < segments)
		nap(5);
	CHECK(setsockopt(server, SOL_SOCKET, SO_DETACH_FILTER, &program, sizeof(program)));
	receive(server, bytes);
	while (info_of(client).tcpi_unacked)
		nap(5);
	print_end("client", client, port, bytes, 0);
	print_end("server", server, local_port(client), 0, bytes);
	reset(client);
	await_end(server);
	close(server);
	printf("segments=%ld\n", retransmitted_segments() - before);
}

/* ---- several processes ---- */

static void do_inherit(long bytes)
{
	int listener = listen_on("4", 1), port = local_port(listener);
	int client = connect_to("4", port), server = CHECK(accept(listener, NULL, NULL)), client_port = local_port(client), status;
	pid_t child;

	fflush(stdout);
	child = CHECK(fork());
	if (!child) {
		nap(50);	/* the parent closes its descriptors first */
		send_all(client, bytes);
		receive(server, bytes);
		print_end("client", client, port, bytes, 0);
		print_end("server", server, client_port, 0, bytes);
		close(client);
		await_end(server);
		close(server);
		fflush(stdout);
		_exit(0);
	}
	close(client);
	close(server);
	CHECK(waitpid(child, &status, 0));
	printf("child=%d\n", child);
}

static void do_handover(void)
{
	int listener = listen_on("4", 1), port = local_port(listener), client, status;
	pid_t child;

	fflush(stdout);
	child = CHECK(fork());
	if (!child) {
		int server = CHECK(accept(listener, NULL, NULL));
		await_end(server);
		close(server);
		_exit(0);
	}
	client = connect_to("4", port);
	printf("client=%d\n", local_port(client));
	nap(50);
	close(client);
	CHECK(waitpid(child, &status, 0));
	printf("child=%d\n", child);
}

/* ---- sockets ---- */

static void do_sockets(long n)
{
	static const int kinds[][3] = {
		{AF_INET, SOCK_STREAM, 0}, {AF_INET, SOCK_DGRAM, 0}, {AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP},
		{AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0}, {AF_UNIX, SOCK_SEQPACKET, 0}, {AF_NETLINK, SOCK_RAW, 0},
	};
	int pair[2];

	for (long i = 0; i < n; i++) {
		for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			close(CHECK(socket(kinds[k][0], kinds[k][1], kinds[k][2])));
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		close(pair[0]);
		close(pair[1]);
		if (socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) != -1 || errno != EPROTONOSUPPORT)
			die("expected EPROTONOSUPPORT");
	}
	printf("sockets=%ld\n", 8 * n);
}

/* ---- each call that sends and receives ---- */

#define BATCH 5

static struct mmsghdr *batch_of(long size)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec parts[BATCH];

	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < BATCH; i++) {
		parts[i].iov_base = buffer;
		parts[i].iov_len = size;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	return messages;
}

static void expect(long result, long size, const char *what)
{
	if (result != size) {
		fprintf(stderr, "talker: %s returned %ld, not %ld: %s\n", what, result, size, strerror(errno));
		exit(70);
	}
}

static void do_tcp(long n, long size)
{
	int listener = listen_on("6", 1), port = local_port(listener);
	int client = connect_to("6", port), server = CHECK(accept(listener, NULL, NULL));
	int file = CHECK(open("/proc/self/exe", O_RDONLY)), pipe_fds[2];
	struct iovec part = {buffer, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	long sends = 0, receipts = 0;

	CHECK(pipe(pipe_fds));
	for (long i = 0; i < n; i++) {
		off_t offset = 0;

		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, size, MSG_PEEK | MSG_WAITALL), size, "recv to peek");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		expect(write(client, buffer, size), size, "write");
		expect(recvmsg(server, &message, MSG_WAITALL), size, "recvmsg");
		expect(writev(client, &part, 1), size, "writev");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		expect(sendmsg(client, &message, 0), size, "sendmsg");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		expect(pwritev2(client, &part, 1, -1, 0), size, "pwritev2");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		expect(sendmmsg(client, batch_of(size), BATCH, 0), BATCH, "sendmmsg");
		expect(recv(server, buffer, BATCH * size, MSG_WAITALL), BATCH * size, "recv");
		expect(sendfile(client, file, &offset, size), size, "sendfile");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		/* The data is there, so that these get it at once. */
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, size, MSG_PEEK | MSG_WAITALL), size, "recv to peek");
		expect(read(server, buffer, size), size, "read");
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, size, MSG_PEEK | MSG_WAITALL), size, "recv to peek");
		expect(readv(server, &part, 1), size, "readv");
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, size, MSG_PEEK | MSG_WAITALL), size, "recv to peek");
		expect(splice(server, NULL, pipe_fds[1], NULL, size, 0), size, "splice from");
		expect(splice(pipe_fds[0], NULL, client, NULL, size, 0), size, "splice to");
		expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
		if (recv(server, buffer, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN)
			die("expected EAGAIN");
		sends += 6 + BATCH + 4;
		receipts += 11;
	}
	shutdown(client, SHUT_WR);
	expect(recv(server, buffer, 1, 0), 0, "recv at the end");
	printf("sent=%ld\nreceived=%ld\nbytes=%ld\n", sends, receipts, n * size * (10 + BATCH));
}

static void do_udp(long n, long size)
{
	struct address address = loopback("4", 0), peer = loopback("4", 0);
	int server = CHECK(socket(AF_INET, SOCK_DGRAM, 0)), client = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
	int other = CHECK(socket(AF_INET, SOCK_DGRAM, 0)), lonely = CHECK(socket(AF_INET, SOCK_DGRAM, 0));
	struct iovec part = {buffer, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	long sends = 0, receipts = 0, bytes_sent = 0, bytes_received = 0;

	CHECK(bind(server, &address.any, address.length));
	peer.v4.sin_port = htons(local_port(server));
	CHECK(connect(client, &peer.any, peer.length));
	address.v4.sin_port = htons(free_port());
	CHECK(connect(lonely, &address.any, address.length));
	for (long i = 0; i < n; i++) {
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, sizeof(buffer), MSG_PEEK), size, "recv to peek");
		expect(recv(server, buffer, sizeof(buffer), 0), size, "recv");
		expect(sendto(other, buffer, size, 0, &peer.any, peer.length), size, "sendto");
		expect(recvfrom(server, buffer, sizeof(buffer), 0, NULL, NULL), size, "recvfrom");
		expect(write(client, buffer, size), size, "write");
		expect(read(server, buffer, sizeof(buffer)), size, "read");
		expect(sendmsg(client, &message, 0), size, "sendmsg");
		part.iov_len = sizeof(buffer);
		expect(recvmsg(server, &message, 0), size, "recvmsg");
		part.iov_len = size;
		expect(send(client, buffer, 0, 0), 0, "send nothing");
		expect(recv(server, buffer, sizeof(buffer), 0), 0, "recv nothing");
		expect(sendmmsg(client, batch_of(size), BATCH, 0), BATCH, "sendmmsg");
		expect(recvmmsg(server, batch_of(size), BATCH, MSG_WAITFORONE, NULL), BATCH, "recvmmsg");
		/* cut: 10 bytes of the message are delivered */
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(server, buffer, 10, 0), 10, "recv");
		/* errors: too long, nobody there, nothing there */
		if (send(client, buffer, sizeof(buffer), 0) != -1 || errno != EMSGSIZE)
			die("expected EMSGSIZE");
		if (recv(server, buffer, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN)
			die("expected EAGAIN");
		expect(send(lonely, buffer, size, 0), size, "send to nobody");
		if (recv(lonely, buffer, 1, 0) != -1 || errno != ECONNREFUSED)
			die("expected ECONNREFUSED");
		sends += 5 + BATCH + 2;
		receipts += 5 + BATCH + 1;
		bytes_sent += size * (4 + BATCH + 2);
		bytes_received += size * (4 + BATCH) + 10;
	}
	printf("sent=%ld\nreceived=%ld\nbytes-sent=%ld\nbytes-received=%ld\n", sends, receipts, bytes_sent, bytes_received);
}

/* ---- load ---- */

struct client {
	pthread_t thread;
	int port;
	long n, size;
};

static void *client_main(void *argument)
{
	struct client *client = argument;
	char *data = calloc(1, client->size);

	for (long i = 0; i < client->n; i++) {
		int fd = connect_to("4", client->port);

		expect(send(fd, data, client->size, 0), client->size, "send");
		expect(recv(fd, data, client->size, MSG_WAITALL), client->size, "recv");
		close(fd);
	}
	free(data);
	return NULL;
}

static void *serve_main(void *argument)
{
	struct client *server = argument;
	char *data = calloc(1, server->size);

	for (;;) {
		int fd = accept(server->port, NULL, NULL);	/* here the listening socket */
		if (fd < 0)
			return NULL;
		if (recv(fd, data, server->size, MSG_WAITALL) == server->size)
			expect(send(fd, data, server->size, 0), server->size, "send");
		await_end(fd);
		close(fd);
	}
}

static void do_load(int clients, long n, long size)
{
	struct client work[64], servers[8];
	int listener = listen_on("4", 1024), port = local_port(listener);
	long long before;
	pid_t child;

	fflush(stdout);
	child = CHECK(fork());
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 8; i++) {
			servers[i] = (struct client){.port = listener, .size = size};
			pthread_create(&servers[i].thread, NULL, serve_main, &servers[i]);
		}
		for (;;)
			pause();
	}
	close(listener);
	before = now();
	for (int i = 0; i < clients && i < 64; i++) {
		work[i] = (struct client){.port = port, .n = n, .size = size};
		if (pthread_create(&work[i].thread, NULL, client_main, &work[i]))
			die("pthread_create");
	}
	for (int i = 0; i < clients && i < 64; i++)
		pthread_join(work[i].thread, NULL);
	printf("child=%d\ntook=%lld\n", child, now() - before);
}

static void do_pingpong(long n, long size)
{
	int listener = listen_on("4", 1), port = local_port(listener), client, server, status;
	long long before;

	if (!fork()) {
		server = CHECK(accept(listener, NULL, NULL));
		for (long i = 0; i < n; i++) {
			expect(recv(server, buffer, size, MSG_WAITALL), size, "recv");
			expect(send(server, buffer, size, 0), size, "send");
		}
		_exit(0);
	}
	client = connect_to("4", port);
	before = now();
	for (long i = 0; i < n; i++) {
		expect(send(client, buffer, size, 0), size, "send");
		expect(recv(client, buffer, size, MSG_WAITALL), size, "recv");
	}
	printf("took=%lld\n", now() - before);
	wait(&status);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;
	char line[64];

	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	printf("pid=%d\n", getpid());
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (!strcmp(what, "pairs") && argc == 6)
		do_pairs(n, argv[3], argv[4], atol(argv[5]));
	else if (!strcmp(what, "refused"))
		do_refused(n);
	else if (!strcmp(what, "timeout") || !strcmp(what, "abandon") || !strcmp(what, "established"))
		do_unanswered(what, n);
	else if (!strcmp(what, "unreachable"))
		do_unreachable();
	else if (!strcmp(what, "drop"))
		do_drop(n);
	else if (!strcmp(what, "inherit"))
		do_inherit(n);
	else if (!strcmp(what, "handover"))
		do_handover();
	else if (!strcmp(what, "sockets"))
		do_sockets(n);
	else if (!strcmp(what, "tcp") && argc == 4)
		do_tcp(n, atol(argv[3]));
	else if (!strcmp(what, "udp") && argc == 4)
		do_udp(n, atol(argv[3]));
	else if (!strcmp(what, "load") && argc == 5)
		do_load(n, atol(argv[3]), atol(argv[4]));
	else if (!strcmp(what, "pingpong") && argc == 4)
		do_pingpong(n, atol(argv[3]));
	else {
		fprintf(stderr, "talker: bad arguments\n");
		return 64;
	}
	printf("done\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	return 0;
}
