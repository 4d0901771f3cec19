// SPDX-License-Identifier: Apache-2.0
/*
 * Many processes that each make a few calls of every kind and then sleep until standard input ends.
 *
 *   sleepers PROCESSES THREADS FILE
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK (64 << 10)

static void be_busy(const char *path)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	char bytes[512] = {};
	int file = open(path, O_RDWR), end = socket(AF_INET, SOCK_DGRAM, 0);

	if (file < 0 || end < 0 || pread(file, bytes, sizeof(bytes), 0) < 0 || pwrite(file, bytes, sizeof(bytes), 0) < 0)
		_exit(1);
	if (bind(end, (void *)&address, length) || getsockname(end, (void *)&address, &length) ||
	    sendto(end, bytes, sizeof(bytes), 0, (void *)&address, length) < 0 || recv(end, bytes, sizeof(bytes), 0) < 0)
		_exit(1);
	close(file);
	close(end);
}

static void *sleep_on(void *ignored)
{
	for (;;)
		pause();
	return ignored;
}

static void be_a_process(int threads, const char *path)
{
	pthread_attr_t small;
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	be_busy(path);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	for (int i = 1; i < threads; i++)
		if (pthread_create(&thread, &small, sleep_on, NULL))
			_exit(1);
	sleep_on(NULL);
}

int main(int argc, char **argv)
{
	int processes = argc == 4 ? atoi(argv[1]) : 0;
	pid_t *children = calloc(processes, sizeof(*children));
	char byte;

	for (int i = 0; i < processes; i++) {
		children[i] = fork();
		if (!children[i])
			be_a_process(atoi(argv[2]), argv[3]);
		if (children[i] < 0) {
			perror("fork");
			return 1;
		}
	}
	usleep(200000);
	if (waitpid(-1, NULL, WNOHANG) > 0) {
		fprintf(stderr, "a process ended\n");
		return 1;
	}
	puts("asleep");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	for (int i = 0; i < processes; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return 0;
}
