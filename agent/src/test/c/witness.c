// SPDX-License-Identifier: Apache-2.0
/*
 * Does a known number of things, so that tests can compare what was seen with what was done. Waits for a line on standard input before it
 * begins ("go"), prints what it did as "key=value" lines, and waits for the end of standard input before it exits, so that a test
 * decides when the process is there. Besides what it is asked for it makes one read (for "go") and one write (all its output).
 *
 *   witness open N PATH             opens and closes PATH N times
 *   witness fail N                  N calls of open that fail with ENOTDIR, N of close with EBADF
 *   witness flood N                 N calls of open that fail with ENAMETOOLONG
 *   witness read N SIZE PATH        reads SIZE bytes at offset 0, N times
 *   witness write N SIZE PATH       writes SIZE bytes, N times; fsync after each 10th
 *   witness getppid N               N calls
 *   witness threads T N PATH        T threads at once, each opens PATH N times and fails N times (ENAMETOOLONG); prints each thread's tid
 *   witness sleep N MICROS ...      N calls of clock_nanosleep for MICROS each, and so on; prints how long each took
 *   witness fork N                  N children that exit with (i % 256) at once
 *   witness burn THREADS MILLIS MB  a child whose threads use MILLIS of CPU time each, and that has MB megabytes
 *   witness spawn N PROGRAM         N children that exec PROGRAM
 *   witness kill SIGNAL             a child that waits is ended with SIGNAL
 *   witness thread-exec N           a thread that is not the leader has this program run again, for N calls of getppid; takes a second "go"
 *   witness reuse N                 two children with the same pid, one after the other: N and 2N calls of getppid
 *   witness storm N SIZE PATH       N children at once, each of which reads SIZE bytes of PATH and stays until standard input ends
 *   witness cgroups N DIRECTORY PATH  N cgroups DIRECTORY/jobI, a child in each that opens PATH; then they are removed
 *   witness disk DEVICE OPERATION N SIZE ...  N times OPERATION (read, write, sync, discard, zero) of SIZE bytes each, past the page cache, and so
 *                                   on; prints how long each took
 *   witness eventfds N              opens N eventfds, one after the other, and then closes them; takes a second "go" in between
 *   witness fault N PATH            maps PATH and touches N of its pages, each of which the kernel has to read; prints where it is mapped
 *   witness eat MB CGROUP           a child that joins CGROUP and uses more and more memory, up to MB megabytes
 *   witness load N CGROUP PATH      a child that joins CGROUP and reads PATH N times, which nobody else should have in memory
 *   witness all N PATH              N times something of each subject: opens PATH, sleeps, takes memory, sends a datagram to itself
 *   witness do OPERATION ...        see do_operations
 *
 * For each child that it waited for it prints a line: child=PID status=... before=NS after=NS cpu=NS maxrss=KB inblock=BLOCKS, where before and after are
 * CLOCK_MONOTONIC around fork and wait.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(70);
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Waits for a child and prints what the kernel says of it. */
static int wait_for(pid_t pid, long long before)
{
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	printf("child=%d status=%d before=%lld after=%lld cpu=%lld maxrss=%ld inblock=%ld\n", pid, status, before, now(),
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL,
	       usage.ru_maxrss, usage.ru_inblock);
	return status;
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

static char long_name[300];

static void fail_too_long(void)
{
	if (syscall(SYS_openat, AT_FDCWD, long_name, O_RDONLY) != -1 || errno != ENAMETOOLONG)
		die("expected ENAMETOOLONG");
}

static void do_flood(long n)
{
	for (long i = 0; i < n; i++)
		fail_too_long();
	printf("failures=%ld\n", n);
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

struct work {
	pthread_t thread;
	pthread_barrier_t *barrier;
	const char *path;
	long n;
	pid_t tid;
};

static void *thread_main(void *argument)
{
	struct work *work = argument;

	work->tid = syscall(SYS_gettid);
	pthread_barrier_wait(work->barrier);
	for (long i = 0; i < work->n; i++) {
		int fd = syscall(SYS_openat, AT_FDCWD, work->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(work->path);
		close(fd);
		fail_too_long();
	}
	return NULL;
}

static void do_threads(long threads, long n, const char *path)
{
	struct work *work = calloc(threads, sizeof(*work));
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, threads);
	for (long i = 0; i < threads; i++) {
		work[i] = (struct work){.barrier = &barrier, .path = path, .n = n};
		if (pthread_create(&work[i].thread, NULL, thread_main, &work[i]))
			die("pthread_create");
	}
	for (long i = 0; i < threads; i++) {
		pthread_join(work[i].thread, NULL);
		printf("tid=%d\n", work[i].tid);
	}
	printf("opens=%ld\n", threads * n);
}

static void do_sleep(int pairs, char **argv)
{
	for (int p = 0; p < pairs; p++) {
		long n = atol(argv[2 * p]), micros = atol(argv[2 * p + 1]);
		struct timespec time = {micros / 1000000, micros % 1000000 * 1000};

		for (long i = 0; i < n; i++) {
			long long before = now();
			if (syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL))
				die("clock_nanosleep");
			printf("asked=%ld took=%lld\n", micros * 1000, now() - before);
		}
	}
}

static void do_fork(long n)
{
	for (long i = 0; i < n; i++) {
		long long before = now();
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0)
			_exit(i % 256);
		if (WEXITSTATUS(wait_for(pid, before)) != i % 256)
			die("exit status");
	}
	printf("forks=%ld\n", n);
}

static void *burn_main(void *millis)
{
	struct timespec used;

	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < (long)millis);
	return NULL;
}

static void do_burn(long threads, long millis, long megabytes)
{
	pthread_t ids[threads];
	long long before = now();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		char *memory = malloc(megabytes << 20);
		for (long i = 0; i < megabytes << 20; i += 4096)
			((volatile char *)memory)[i] = 1;
		for (long i = 0; i < threads; i++)
			if (pthread_create(&ids[i], NULL, burn_main, (void *)millis))
				_exit(71);
		for (long i = 0; i < threads; i++)
			pthread_join(ids[i], NULL);
		_exit(7);
	}
	wait_for(pid, before);
}

static void do_spawn(long n, char *program)
{
	for (long i = 0; i < n; i++) {
		long long before = now();
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			char *args[] = {program, NULL};
			execv(program, args);
			_exit(71);
		}
		wait_for(pid, before);
	}
	printf("execs=%ld\n", n);
}

static void do_kill(int signal)
{
	long long before = now();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		for (;;)
			pause();
	kill(pid, signal);
	wait_for(pid, before);
}

static void *exec_main(void *n)
{
	char *args[] = {"/proc/self/exe", "getppid", n, NULL};

	execv(args[0], args);
	die("exec");
	return NULL;
}

static void do_thread_exec(char *n)
{
	pthread_t id;

	pthread_create(&id, NULL, exec_main, n);
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
			long long before = now();
			pid_t pid;
			if (first)
				next_pid(first);
			/* The library's fork makes calls of its own in the child. */
			pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
			if (pid < 0)
				die("clone");
			if (pid == 0) {
				if (syscall(SYS_getpid) != first && first)
					_exit(1);
				for (long k = 0; k < calls; k++)
					syscall(SYS_getppid);
				_exit(2 + i);
			}
			wait_for(pid, before);
			if (!first || pid == first) {
				first = pid;
				break;
			}
			if (attempt > 1000)
				die("pid was not given again");
		}
	}
	printf("reused=%d\n", first);
}

static void do_storm(long n, long size, const char *path)
{
	int ready[2], stay[2], null = open("/dev/null", O_WRONLY);
	char byte;

	if (null < 0 || pipe(ready) || pipe(stay))
		die("storm");
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			int fd = open(path, O_RDONLY);
			off_t offset = 0;
			if (fd < 0 || sendfile(null, fd, &offset, size) != size)
				die("sendfile");
			close(stay[1]);
			if (write(ready[1], "", 1) != 1 || read(stay[0], &byte, 1) != 0)
				die("pipe");
			_exit(0);
		}
		printf("storm=%d\n", pid);
	}
	for (long i = 0; i < n; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("pipe");
	printf("done\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	close(stay[1]);
	while (wait(NULL) > 0)
		;
	exit(0);
}

/* What clone3 takes, of which the C library's headers have a part only. */
struct clone_arguments {
	unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void do_cgroups(long n, const char *directory, const char *path)
{
	struct clone_arguments arguments = {.flags = 0x200000000ULL /* CLONE_INTO_CGROUP */, .exit_signal = SIGCHLD};
	char name[4096];
	int status;

	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/job%ld", directory, i);
		if (mkdir(name, 0755))
			die(name);
	}
	for (long i = 0; i < n; i++) {
		pid_t pid;
		snprintf(name, sizeof(name), "%s/job%ld", directory, i);
		int fd = open(name, O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			die(name);
		arguments.cgroup = fd;
		pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
		if (pid < 0)
			die("clone3");
		if (pid == 0) {
			if (syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) < 0)
				_exit(1);
			_exit(0);
		}
		close(fd);
		if (waitpid(pid, &status, 0) != pid || status)
			die("child");
	}
	for (long i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/job%ld", directory, i);
		if (rmdir(name))
			die(name);
	}
	printf("cgroups=%ld\n", n);
}

static void do_all(long n, const char *path)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	struct timespec nap = {.tv_nsec = 1000000};
	char byte = 'x';

	for (long i = 0; i < n; i++) {
		int fd = open(path, O_RDONLY), link = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		char *pages = mmap(NULL, 64 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (fd < 0 || link < 0 || pages == MAP_FAILED)
			die("all");
		address.sin_port = 0;
		if (bind(link, (struct sockaddr *)&address, sizeof(address)) ||
		    getsockname(link, (struct sockaddr *)&address, &length) ||
		    sendto(link, &byte, 1, 0, (struct sockaddr *)&address, sizeof(address)) != 1 || read(link, &byte, 1) != 1)
			die("datagram");
		memset(pages, 1, 64 << 10);
		munmap(pages, 64 << 10);
		close(link);
		close(fd);
		nanosleep(&nap, NULL);
	}
	printf("all=%ld\n", n);
}

/* Bytes that no Java string can carry are written as %XX. */
static char *unescaped(const char *text)
{
	char *result = malloc(strlen(text) + 1), *to = result;
	unsigned int byte;

	for (; *text; text++) {
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			*to++ = byte;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
	return result;
}

/* Makes a directory of n levels with names of `length` times 'd', and goes to the innermost. */
static void go_deep(long n, long length)
{
	char name[256] = {};

	memset(name, 'd', length);
	for (long i = 0; i < n; i++)
		if (mkdir(name, 0755) || chdir(name))
			die("go_deep");
}

/*
 * One after the other, each with its arguments; the results go to nobody, as failing calls are wanted too:
 *   open PATH, open-in DIRECTORY NAME, create PATH, read-deleted PATH (created, opened, removed, then read), chdir PATH, chroot PATH,
 *   mkdir PATH, link TARGET PATH, deep N LENGTH, bind FROM TO (in a mount namespace of its own),
 *   unlink PATH, unlink-in DIRECTORY NAME, rmdir-in DIRECTORY NAME, rename OLD NEW, rename-in DIRECTORY OLD DIRECTORY NEW,
 *   memory-file NAME (written to), msync
 */
static void do_operations(int count, char **args)
{
	char byte[1] = {'x'};
	char *a[5];

	for (int i = 0; i < count;) {
		const char *what = args[i];
		for (int k = 0; k < 5; k++)
			a[k] = i + k < count ? unescaped(args[i + k]) : NULL;
		if (!strcmp(what, "open")) {
			close(syscall(SYS_openat, AT_FDCWD, a[1], O_RDONLY));
			i += 2;
		} else if (!strcmp(what, "open-in")) {
			int directory = open(a[1], O_RDONLY | O_DIRECTORY);
			close(syscall(SYS_openat, directory, a[2], O_RDONLY));
			close(directory);
			i += 3;
		} else if (!strcmp(what, "create")) {
			close(syscall(SYS_openat, AT_FDCWD, a[1], O_WRONLY | O_CREAT, 0640));
			i += 2;
		} else if (!strcmp(what, "read-deleted")) {
			int fd = open(a[1], O_RDWR | O_CREAT, 0600);
			if (fd < 0 || unlink(a[1]) || write(fd, byte, 1) != 1 || pread(fd, byte, 1, 0) != 1 || fsync(fd))
				die(a[1]);
			close(fd);
			i += 2;
		} else if (!strcmp(what, "chdir")) {
			if (chdir(a[1]))
				die(a[1]);
			i += 2;
		} else if (!strcmp(what, "chroot")) {
			if (chroot(a[1]))
				die(a[1]);
			i += 2;
		} else if (!strcmp(what, "mkdir")) {
			if (mkdir(a[1], 0755))
				die(a[1]);
			i += 2;
		} else if (!strcmp(what, "memory-file")) {
			int fd = memfd_create(a[1], 0);
			if (fd < 0 || write(fd, byte, 1) != 1)
				die("memfd_create");
			close(fd);
			i += 2;
		} else if (!strcmp(what, "msync")) {
			void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
			if (page == MAP_FAILED || msync(page, 4096, MS_SYNC))
				die("msync");
			i += 1;
		} else if (!strcmp(what, "link")) {
			if (symlink(a[1], a[2]))
				die(a[2]);
			i += 3;
		} else if (!strcmp(what, "deep")) {
			go_deep(atol(a[1]), atol(a[2]));
			i += 3;
		} else if (!strcmp(what, "bind")) {
			if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
			    mount(a[1], a[2], NULL, MS_BIND, NULL))
				die("bind");
			i += 3;
		} else if (!strcmp(what, "unlink")) {
			syscall(SYS_unlinkat, AT_FDCWD, a[1], 0);
			i += 2;
		} else if (!strcmp(what, "unlink-in") || !strcmp(what, "rmdir-in")) {
			int directory = open(a[1], O_RDONLY | O_DIRECTORY);
			syscall(SYS_unlinkat, directory, a[2], what[0] == 'r' ? AT_REMOVEDIR : 0);
			close(directory);
			i += 3;
		} else if (!strcmp(what, "rename")) {
			syscall(SYS_renameat2, AT_FDCWD, a[1], AT_FDCWD, a[2], 0);
			i += 3;
		} else if (!strcmp(what, "rename-in")) {
			int old = open(a[1], O_RDONLY | O_DIRECTORY), new = open(a[3], O_RDONLY | O_DIRECTORY);
			syscall(SYS_renameat2, old, a[2], new, a[4], 0);
			close(old);
			close(new);
			i += 5;
		} else {
			fprintf(stderr, "witness: no operation %s\n", what);
			exit(64);
		}
	}
}

static void do_disk(const char *device, int n, char **arguments)
{
	int fd = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	char *buffer;

	if (fd < 0)
		die(device);
	if (posix_memalign((void **)&buffer, 4096, 1 << 20))
		die("memory");
	memset(buffer, 7, 1 << 20);
	for (int i = 0; i + 2 < n; i += 3) {
		const char *operation = arguments[i];
		long times = atol(arguments[i + 1]), size = atol(arguments[i + 2]);

		for (long k = 0; k < times; k++) {
			unsigned long long range[] = {k * size, size};
			long long before = now();
			long done;

			if (!strcmp(operation, "read"))
				done = pread(fd, buffer, size, range[0]) - size;
			else if (!strcmp(operation, "write"))
				done = pwrite(fd, buffer, size, range[0]) - size;
			else if (!strcmp(operation, "sync"))
				done = fsync(fd);
			else if (!strcmp(operation, "discard"))
				done = ioctl(fd, BLKDISCARD, range);
			else if (!strcmp(operation, "zero"))
				done = ioctl(fd, BLKZEROOUT, range);
			else
				done = -1;
			if (done)
				die(operation);
			printf("%s=%lld\n", operation, now() - before);
		}
	}
	close(fd);
}

static void do_eventfds(long n)
{
	int *descriptors = calloc(n, sizeof(int));
	struct rlimit many = {n + 100, n + 100};
	char line[64];

	if (setrlimit(RLIMIT_NOFILE, &many))
		die("setrlimit");
	for (long i = 0; i < n; i++)
		if ((descriptors[i] = eventfd(0, 0)) < 0)
			die("eventfd");
	printf("opened=%ld\n", n);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	for (long i = 0; i < n; i++)
		close(descriptors[i]);
}

/* Major faults so far, of this thread and of others. */
static long major_faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		die("getrusage");
	return usage.ru_majflt;
}

/* Pages far from each other, in no order, so that none comes along with another one. */
static void do_fault(long n, const char *path)
{
	int fd = open(path, O_RDONLY);
	long size = lseek(fd, 0, SEEK_END), pages = size / 4096, major, minor = 0;
	volatile char *memory;

	if (fd < 0 || pages < n)
		die(path);
	memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED || madvise((void *)memory, size, MADV_RANDOM) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		die("mmap");
	major = major_faults();
	for (long i = 0; i < n; i++)
		minor += memory[(i * 7919 % n) * (pages / n) * 4096 + 123];
	major = major_faults() - major;
	printf("address=%lu\nsize=%ld\nmajor=%ld\nread=%ld\n", (unsigned long)memory, size, major, minor);
}

static void join(const char *cgroup)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d", getpid()) < 0 || fclose(file))
		die(path);
}

static void do_eat(long megabytes, const char *cgroup)
{
	long long before = now();
	pid_t pid = fork();

	if (!pid) {
		join(cgroup);
		for (long i = 0; i < megabytes; i++)
			memset(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20);
		_exit(0);
	}
	wait_for(pid, before);
}

static void do_load(long n, const char *cgroup, const char *path)
{
	long long before = now();
	pid_t pid = fork();

	if (!pid) {
		static char block[1 << 16];
		int fd = open(path, O_RDONLY);

		if (fd < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
			die(path);
		join(cgroup);
		for (long i = 0; i < n; i++) {
			if (lseek(fd, 0, SEEK_SET))
				die(path);
			while (read(fd, block, sizeof(block)) > 0)
				;
		}
		_exit(0);
	}
	wait_for(pid, before);
}

int main(int argc, char **argv)
{
	char line[64];
	const char *what = argc > 1 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;

	memset(long_name, 'n', sizeof(long_name) - 1);
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	printf("pid=%d\n", getpid());
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (!strcmp(what, "open") && argc == 4)
		do_open(n, argv[3]);
	else if (!strcmp(what, "fail"))
		do_fail(n);
	else if (!strcmp(what, "flood"))
		do_flood(n);
	else if (!strcmp(what, "read") && argc == 5)
		do_read(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "write") && argc == 5)
		do_write(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "getppid"))
		do_getppid(n);
	else if (!strcmp(what, "threads") && argc == 5)
		do_threads(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "sleep"))
		do_sleep((argc - 2) / 2, argv + 2);
	else if (!strcmp(what, "fork"))
		do_fork(n);
	else if (!strcmp(what, "burn") && argc == 5)
		do_burn(n, atol(argv[3]), atol(argv[4]));
	else if (!strcmp(what, "spawn") && argc == 4)
		do_spawn(n, argv[3]);
	else if (!strcmp(what, "kill"))
		do_kill(n);
	else if (!strcmp(what, "thread-exec") && argc == 3)
		do_thread_exec(argv[2]);
	else if (!strcmp(what, "reuse"))
		do_reuse(n);
	else if (!strcmp(what, "storm") && argc == 5)
		do_storm(n, atol(argv[3]), argv[4]);
	else if (!strcmp(what, "all") && argc == 4)
		do_all(n, argv[3]);
	else if (!strcmp(what, "cgroups") && argc == 5)
		do_cgroups(n, argv[3], argv[4]);
	else if (!strcmp(what, "disk") && argc > 3)
		do_disk(argv[2], argc - 3, argv + 3);
	else if (!strcmp(what, "eventfds"))
		do_eventfds(n);
	else if (!strcmp(what, "fault") && argc == 4)
		do_fault(n, argv[3]);
	else if (!strcmp(what, "eat") && argc == 4)
		do_eat(n, argv[3]);
	else if (!strcmp(what, "load") && argc == 5)
		do_load(n, argv[3], argv[4]);
	else if (!strcmp(what, "do"))
		do_operations(argc - 2, argv + 2);
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
