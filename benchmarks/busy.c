// SPDX-License-Identifier: Apache-2.0
/*
 * A busy host: does a fixed amount of each kind of work, two processes at a time, and prints a line for each: its name and the
 * nanoseconds of one operation.
 *
 *   busy DIRECTORY
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 2
#define BLOCK 4096

static const char *directory;

static void check(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* open, write, read, close of a small file */
static void files(int worker, int operations)
{
	char path[4096], bytes[512] = {};

	snprintf(path, sizeof(path), "%s/busy.%d", directory, worker);
	for (int i = 0; i < operations; i++) {
		int fd = open(path, O_RDWR | O_CREAT, 0600);

		check(fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes), "write");
		check(pread(fd, bytes, sizeof(bytes), 0) == sizeof(bytes), "read");
		close(fd);
	}
	unlink(path);
}

/* two processes that wake each other: two switches an operation */
static void switches(int worker, int operations)
{
	int there[2], back[2];
	char byte = 0;

	(void)worker;
	check(!pipe(there) && !pipe(back), "pipe");
	pid_t child = fork();
	if (!child) {
		for (int i = 0; i < operations; i++)
			check(read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1, "pong");
		_exit(0);
	}
	for (int i = 0; i < operations; i++)
		check(write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "ping");
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++)
		close(there[i]), close(back[i]);
}

static int listening(struct sockaddr_in *address)
{
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*address);

	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	check(!bind(server, (void *)address, length) && !listen(server, 128), "listen");
	check(!getsockname(server, (void *)address, &length), "getsockname");
	return server;
}

/* a connection on loopback, and a request and an answer of 1 KB on it */
static void connections(int worker, int operations)
{
	struct sockaddr_in address;
	struct linger reset = {.l_onoff = 1};
	char bytes[1024] = {};
	int server = listening(&address);
	pid_t child = fork();

	(void)worker;
	if (!child) {
		for (int i = 0; i < operations; i++) {
			int fd = accept(server, NULL, NULL);

			check(recv(fd, bytes, sizeof(bytes), MSG_WAITALL) == sizeof(bytes), "request");
			check(send(fd, bytes, sizeof(bytes), 0) == sizeof(bytes), "answer");
			close(fd);
		}
		_exit(0);
	}
	for (int i = 0; i < operations; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		/* no connection is left waiting, so that ports never run out */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		check(!connect(fd, (void *)&address, sizeof(address)), "connect");
		check(send(fd, bytes, sizeof(bytes), 0) == sizeof(bytes), "request");
		check(recv(fd, bytes, sizeof(bytes), MSG_WAITALL) == sizeof(bytes), "answer");
		close(fd);
	}
	waitpid(child, NULL, 0);
	close(server);
}

/* a page is mapped, touched and given back, and a pipe made and closed */
static void memory(int worker, int operations)
{
	(void)worker;
	for (int i = 0; i < operations; i++) {
		char *page = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int ends[2];

		check(page != MAP_FAILED && !pipe(ends), "mmap, pipe");
		*page = 1;
		munmap(page, BLOCK);
		close(ends[0]), close(ends[1]);
	}
}

/* a process is forked and ends */
static void forks(int worker, int operations)
{
	(void)worker;
	for (int i = 0; i < operations; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		check(child > 0 && waitpid(child, NULL, 0) == child, "fork");
	}
}

/* a block is read from the disk, past the page cache */
static void disk(int worker, int operations)
{
	char path[4096], *block = aligned_alloc(BLOCK, BLOCK);

	snprintf(path, sizeof(path), "%s/busy.disk.%d", directory, worker);
	int fd = open(path, O_RDWR | O_CREAT | O_DIRECT, 0600);
	if (fd < 0)
		return;	/* not every file system can */
	memset(block, 1, BLOCK);
	check(pwrite(fd, block, BLOCK, 0) == BLOCK, "write the disk");
	for (int i = 0; i < operations; i++)
		check(pread(fd, block, BLOCK, 0) == BLOCK, "read the disk");
	close(fd);
	unlink(path);
	free(block);
}

static const struct kind {
	const char *name;
	void (*work)(int worker, int operations);
	int operations;
} kinds[] = {
	{"files", files, 100000},	{"switches", switches, 50000},	{"connections", connections, 6000},
	{"memory", memory, 50000},	{"forks", forks, 2000},		{"disk", disk, 6000},
};

int main(int argc, char **argv)
{
	check(argc == 2, "usage: busy DIRECTORY");
	directory = argv[1];
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		double start = now();

		for (int worker = 0; worker < WORKERS; worker++)
			if (!fork()) {
				kinds[k].work(worker, kinds[k].operations);
				_exit(0);
			}
		for (int worker = 0; worker < WORKERS; worker++) {
			int status;

			check(wait(&status) > 0 && !status, "worker");
		}
		printf("%s %.1f\n", kinds[k].name, (now() - start) / kinds[k].operations);
	}
	return 0;
}
