// SPDX-License-Identifier: Apache-2.0
/*
 * Does a known number of things, so that tests can compare what was seen with what was done. Waits for a line on standard input before it
 * begins ("go"), prints what it did as "key=value" lines, and waits for the end of standard input before it exits, so that a test
 * decides when the process is there.
 *
 *   witness open N PATH          opens and closes PATH N times
 *   witness fail N               N calls of open that fail with ENOTDIR, N of close with EBADF
 *   witness read N SIZE PATH     reads SIZE bytes at offset 0, N times
 *   witness write N SIZE PATH    writes SIZE bytes, N times; fsync after each 10th
 *   witness getppid N            N calls
 *   witness threads T N          T threads, N calls of getppid each; prints each thread's tid
 *   witness sleep N MILLIS       N calls of clock_nanosleep
 *   witness fork N               N children that exit with (i % 256)
 *   witness spawn N PROGRAM      N children that exec PROGRAM
 *   witness kill SIGNAL          a child that sleeps is ended with SIGNAL
 *   witness thread-exec PROGRAM  a thread that is not the leader calls exec
 *   witness reuse N              two children with the same pid (needs /proc/sys/kernel/ns_last_pid), N and 2N calls of getppid
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(70);
}

static void do_open(long n, const char *path)
{
	for (long i = 0; i < n; i++) {
		int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(path);
		close(fd);
	}
	printf("opens=%ld\n", n);
}

static void do_fail(long n)
{
	for (long i = 0; i < n; i++) {
		syscall(SYS_openat, AT_FDCWD, "/etc/passwd/nothing", O_RDONLY);
		if (errno != ENOTDIR)
			die("expected ENOTDIR");
		syscall(SYS_close, 987654);
		if (errno != EBADF)
			die("expected EBADF");
	}
	printf("failures=%ld\n", 2 * n);
}

static void do_read(long n, long size, const char *path)
{
	char *buffer = calloc(1, size);
	int fd = open(path, O_RDONLY);
	long long bytes = 0;

	if (fd < 0)
		die(path);
	for (long i = 0; i < n; i++) {
		ssize_t got = pread(fd, buffer, size, 0);
		if (got < 0)
			die("pread");
		bytes += got;
	}
	printf("reads=%ld\nbytes=%lld\n", n, bytes);
}

static void do_write(long n, long size, const char *path)
{
	char *buffer = calloc(1, size);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	long syncs = 0;

	if (fd < 0)
		die(path);
	for (long i = 0; i < n; i++) {
		if (write(fd, buffer, size) != size)
			die("write");
		if (i % 10 == 9) {
			fsync(fd);
			syncs++;
		}
	}
	printf("writes=%ld\nbytes=%lld\nsyncs=%ld\n", n, (long long)n * size, syncs);
}

static void do_getppid(long n)
{
	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	printf("calls=%ld\n", n);
}

static void *thread_main(void *n)
{
	for (long i = 0; i < (long)n; i++)
		syscall(SYS_getppid);
	return NULL;
}

static void do_threads(long threads, long n)
{
	pthread_t *ids = calloc(threads, sizeof(*ids));

	for (long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, thread_main, (void *)n))
			die("pthread_create");
	for (long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	printf("calls=%ld\n", threads * n);
}

static void do_sleep(long n, long millis)
{
	struct timespec time = {millis / 1000, millis % 1000 * 1000000};

	for (long i = 0; i < n; i++)
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
	printf("calls=%ld\n", n);
}

static void do_fork(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		int status;
		if (pid < 0)
			die("fork");
		if (pid == 0)
			_exit(i % 256);
		waitpid(pid, &status, 0);
		if (WEXITSTATUS(status) != i % 256)
			die("exit status");
		printf("child=%d status=%d\n", pid, status);
	}
	printf("forks=%ld\n", n);
}

static void do_spawn(long n, char *program)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			char *args[] = {program, NULL};
			execv(program, args);
			_exit(71);
		}
		int status;
		waitpid(pid, &status, 0);
		printf("child=%d status=%d\n", pid, status);
	}
	printf("execs=%ld\n", n);
}

static void do_kill(int signal)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		pause();
		_exit(0);
	}
	usleep(20000);
	kill(pid, signal);
	waitpid(pid, &status, 0);
	printf("child=%d\nsignal=%d\nstatus=%d\n", pid, WTERMSIG(status), status);
}

static void *exec_main(void *program)
{
	char *args[] = {program, "from-a-thread", NULL};

	execv(program, args);
	die(program);
	return NULL;
}

static void do_thread_exec(char *program)
{
	pthread_t id;

	fflush(stdout);
	pthread_create(&id, NULL, exec_main, program);
	pthread_join(id, NULL);
}

static void next_pid(pid_t pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (!file)
		die("ns_last_pid");
	fprintf(file, "%d", pid - 1);
	fclose(file);
}

static void do_reuse(long n)
{
	pid_t first = 0;
	long calls = n;

	for (int i = 0; i < 2; i++, calls *= 2) {
		for (int attempt = 0;; attempt++) {
			pid_t pid;
			int status;
			if (first)
				next_pid(first);
			pid = fork();
			if (pid == 0) {
				if (first && getpid() != first)
					_exit(1);
				for (long k = 0; k < calls; k++)
					syscall(SYS_getppid);
				_exit(0);
			}
			waitpid(pid, &status, 0);
			if (!first || pid == first) {
				first = pid;
				break;
			}
			if (attempt > 100)
				die("pid was not given again");
		}
	}
	printf("child=%d\nfirst=%ld\nsecond=%ld\n", first, n, 2 * n);
}

int main(int argc, char **argv)
{
	char line[64];
	const char *what = argc > 1 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;

	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	printf("pid=%d\n", getpid());
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (!strcmp(what, "open") && argc == 4)
		do_open(n, argv[3]);
	else if (!strcmp(what, "fail"))
		do_fail(n);
	else if (!strcmp(what, "read") && argc == 5)
		do_read(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "write") && argc == 5)
		do_write(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "getppid"))
		do_getppid(n);
	else if (!strcmp(what, "threads") && argc == 4)
		do_threads(n, atol(argv[3]));
	else if (!strcmp(what, "sleep") && argc == 4)
		do_sleep(n, atol(argv[3]));
	else if (!strcmp(what, "fork"))
		do_fork(n);
	else if (!strcmp(what, "spawn") && argc == 4)
		do_spawn(n, argv[3]);
	else if (!strcmp(what, "kill"))
		do_kill(n);
	else if (!strcmp(what, "thread-exec") && argc == 3)
		do_thread_exec(argv[2]);
	else if (!strcmp(what, "reuse"))
		do_reuse(n);
	else {
		fprintf(stderr, "witness: bad arguments\n");
		return 64;
	}
	printf("done\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	return 0;
}
