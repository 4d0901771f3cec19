// SPDX-License-Identifier: Apache-2.0
/* Opens and closes a file N times, as fast as it can or at a rate: opens N PER_SECOND FILE */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = atol(argv[1]), rate = atol(argv[2]);
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long i = 0; i < n; i++) {
		int fd = open(argv[3], O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return 1;
		close(fd);
		if (rate && i % 100 == 99) {
			next.tv_nsec += 100 * 1000000000L / rate;
			while (next.tv_nsec >= 1000000000L) {
				next.tv_nsec -= 1000000000L;
				next.tv_sec++;
			}
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		}
	}
	printf("%ld\n", n);
	return 0;
}
