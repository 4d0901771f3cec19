// SPDX-License-Identifier: Apache-2.0
/*
 * Threads that run and wait a known number of times. Like witness.c it prints "pid=", waits for a line on standard input, prints what it
 * did, "done", and stays until standard input ends. All threads wait before it begins and after it is done, so what the kernel
 * tells of them in /proc does not change then.
 *
 *   waits spin THREADS MILLIS      THREADS threads on CPU 0, each runs until MILLIS have passed
 *   waits threads N MICROS         N threads, one after the other, each of which uses MICROS of CPU time and ends; prints what the process used
 *   waits children N MICROS        likewise N processes; prints for each what wait4 told of it
 *   waits block N MILLIS           the first thread (tid=) waits N times at least MILLIS in each of futex (woken by thread waker=), nanosleep,
 *                                  read from a pipe (woken by the same) and vfork (woken by a child)
 *   waits pingpong N               two threads exchange a byte over pipes N times; prints the nanoseconds that this took
 *   waits exec                     a thread that is not the first becomes this program anew: waits spin 1 200; prints what the first used (first=)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "waits: %s: %s\n", what, strerror(errno));
	exit(70);
}

static long long read_clock(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_for(long long nanos)
{
	struct timespec time = {nanos / 1000000000, nanos % 1000000000};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void wait_for_go(void)
{
	char line[16];

	printf("pid=%d\n", getpid());
	fflush(stdout);
	if (read(0, line, sizeof(line)) <= 0)
		exit(0);
}

static void wait_for_end(void)
{
	char line[16];

	printf("done\n");
	fflush(stdout);
	while (read(0, line, sizeof(line)) > 0)
		;
}

/* ---- spin ---- */

static pthread_barrier_t begin, end;
static long long until;

static void *spin(void *unused)
{
	pthread_barrier_wait(&begin);
	while (read_clock(CLOCK_MONOTONIC) < until)
		;
	pthread_barrier_wait(&end);
	pause();
	return NULL;
}

static void do_spin(int threads, long millis)
{
	cpu_set_t first;
	pthread_t thread;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		die("sched_setaffinity");
	pthread_barrier_init(&begin, NULL, threads + 1);
	pthread_barrier_init(&end, NULL, threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread, NULL, spin, NULL))
			die("pthread_create");
	wait_for_go();
	until = read_clock(CLOCK_MONOTONIC) + millis * 1000000LL;
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	sleep_for(20000000);	/* now all are in pause() */
}

/* ---- threads, children ---- */

static void use(long micros)
{
	while (read_clock(CLOCK_THREAD_CPUTIME_ID) < micros * 1000LL)
		;
}

static void *use_up(void *micros)
{
	use((long)micros);
	return NULL;
}

static void do_threads(long n, long micros)
{
	long long start = read_clock(CLOCK_PROCESS_CPUTIME_ID);

	for (long i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, use_up, (void *)micros))
			die("pthread_create");
		pthread_join(thread, NULL);
	}
	printf("used=%lld\n", read_clock(CLOCK_PROCESS_CPUTIME_ID) - start);
}

static void do_children(long n, long micros)
{
	for (long i = 0; i < n; i++) {
		struct rusage usage;
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			use(micros);
			_exit(0);
		}
		if (wait4(pid, NULL, 0, &usage) != pid)
			die("wait4");
		printf("child=%d used=%lld switches=%ld\n", pid,
		       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
			       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL,
		       usage.ru_nvcsw + usage.ru_nivcsw);
	}
}

/* ---- block ---- */

static int word, pipes[2];
static volatile int blocker, turn;
static long long wait_nanos;

/* Waits until a thread is blocked, and then as long as it shall be. Makes no use of the heap: vfork's child calls it, too. */
static void await_blocked(int tid)
{
	char path[64], stat[512], *state;
	int fd;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	for (;;) {
		fd = open(path, O_RDONLY);
		length = read(fd, stat, sizeof(stat) - 1);
		close(fd);
		if (length <= 0)
			die(path);
		stat[length] = 0;
		state = strrchr(stat, ')');
		if (state && (state[2] == 'S' || state[2] == 'D'))
			break;
		sched_yield();
	}
	sleep_for(wait_nanos);
}

static void *wake(void *unused)
{
	printf("waker=%d\n", gettid());
	fflush(stdout);
	for (;;) {
		while (!turn)
			sched_yield();
		await_blocked(blocker);
		if (turn == 1) {
			turn = 0;
			__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
			syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
		} else {
			turn = 0;
			if (write(pipes[1], "x", 1) != 1)
				die("write");
		}
	}
	return NULL;
}

static void do_block(long n)
{
	char byte;
	pthread_t thread;

	blocker = gettid();
	if (pipe(pipes))
		die("pipe");
	if (pthread_create(&thread, NULL, wake, NULL))
		die("pthread_create");
	for (long i = 0; i < n; i++) {
		word = 0;
		turn = 1;
		while (!__atomic_load_n(&word, __ATOMIC_SEQ_CST))
			syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
		sleep_for(wait_nanos);
		turn = 2;
		if (read(pipes[0], &byte, 1) != 1)
			die("read");
		if (!vfork()) {
			await_blocked(blocker);
			_exit(0);
		}
		wait(NULL);
	}
	printf("tid=%d\n", blocker);
}

/* ---- pingpong ---- */

static int there[2], back[2];

static void *answer(void *n)
{
	char byte;

	for (long i = 0; i < (long)n; i++)
		if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
			die("answer");
	return NULL;
}

static void do_pingpong(long n)
{
	pthread_t thread;
	long long start;
	char byte = 0;

	if (pipe(there) || pipe(back) || pthread_create(&thread, NULL, answer, (void *)n))
		die("pingpong");
	start = read_clock(CLOCK_MONOTONIC);
	for (long i = 0; i < n; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			die("ask");
	printf("nanos=%lld\n", read_clock(CLOCK_MONOTONIC) - start);
}

/* ---- exec ---- */

static pthread_t first_thread;

static void *become(void *program)
{
	clockid_t clock;

	if (pthread_getcpuclockid(first_thread, &clock))
		die("pthread_getcpuclockid");
	sleep_for(20000000);	/* now the first is in pause() */
	printf("first=%lld\n", read_clock(clock));
	fflush(stdout);
	execl(program, program, "spin", "1", "200", NULL);
	die("exec");
	return NULL;
}

int main(int count, char **words)
{
	long first = count > 2 ? atol(words[2]) : 0, second = count > 3 ? atol(words[3]) : 0;
	const char *what = count > 1 ? words[1] : "";
	pthread_t thread;

	if (!strcmp(what, "spin")) {
		do_spin(first, second);
		wait_for_end();
		return 0;
	}
	wait_for_go();
	if (!strcmp(what, "threads")) {
		do_threads(first, second);
	} else if (!strcmp(what, "children")) {
		do_children(first, second);
	} else if (!strcmp(what, "block")) {
		wait_nanos = second * 1000000LL;
		do_block(first);
	} else if (!strcmp(what, "pingpong")) {
		do_pingpong(first);
	} else if (!strcmp(what, "exec")) {
		first_thread = pthread_self();
		use(read_clock(CLOCK_THREAD_CPUTIME_ID) / 1000 + 50000);
		pthread_create(&thread, NULL, become, words[0]);
		pause();
	}
	wait_for_end();
	return 0;
}
