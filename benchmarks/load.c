// SPDX-License-Identifier: Apache-2.0
/*
 * Makes the same call N times, as fast as it can or at a rate, on CPU 1 if there is one; prints the nanoseconds that took and
 * those of CPU time.
 *
 *   load getppid N PER_SECOND       0: as fast as it can
 *   load open N PER_SECOND FILE     each opens the file and closes it
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000L
#define BATCH 100

static void call(const char *path)
{
	int fd;

	if (!path) {
		syscall(SYS_getppid);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		exit(1);
	close(fd);
}

static long now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

/* Waits for the next batch's turn; a late one does not wait. */
static void keep_pace(long due)
{
	struct timespec until = {.tv_sec = due / NS_PER_SECOND, .tv_nsec = due % NS_PER_SECOND};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int main(int argc, char **argv)
{
	if (argc < 4 || (!strcmp(argv[1], "open")) != (argc == 5))
		return 2;
	const char *path = argc == 5 ? argv[4] : NULL;
	long n = atol(argv[2]), rate = atol(argv[3]), start;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(1, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	start = now(CLOCK_MONOTONIC);
	for (long i = 0; i < n; i++) {
		call(path);
		if (rate && i % BATCH == BATCH - 1)
			keep_pace(start + (i + 1) * (NS_PER_SECOND / rate));
	}
	printf("%ld %ld\n", now(CLOCK_MONOTONIC) - start, now(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
