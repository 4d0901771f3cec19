// SPDX-License-Identifier: Apache-2.0
/*
 * Prints the ns of one getppid(2), the cheapest system call: the first decile of many short batches, so that what else the
 * machine does has little part in it. getppid BATCHES CALLS CPU
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

int main(int argc, char **argv)
{
	int batches = argc > 1 ? atoi(argv[1]) : 1000, calls = argc > 2 ? atoi(argv[2]) : 1000;
	double *times = calloc(batches, sizeof(*times));
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(argc > 3 ? atoi(argv[3]) : 0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (int b = 0; b < batches; b++) {
		double start = now();

		for (int i = 0; i < calls; i++)
			syscall(SYS_getppid);
		times[b] = (now() - start) / calls;
	}
	qsort(times, batches, sizeof(*times), compare);
	printf("%.1f\n", times[batches / 10]);
	return 0;
}
