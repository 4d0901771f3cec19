// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a command that may make these system calls alone, as systemd's SystemCallFilter= has it: all others fail with EPERM. What stands behind
 * "--" is the command.
 *
 *   filtered NUMBER ... -- COMMAND ARGUMENT ...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MOST 1024

int main(int argc, char **argv)
{
	static struct sock_filter code[2 * MOST + 4];
	unsigned short n = 0;
	int i = 1;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (; i < argc && strcmp(argv[i], "--") && i <= MOST; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(argv[i]), 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	if (i + 1 >= argc || strcmp(argv[i], "--")) {
		fprintf(stderr, "filtered: no command\n");
		return 64;
	}

	struct sock_fprog program = {n, code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("filtered");
		return 71;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 71;
}
