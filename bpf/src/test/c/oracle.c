/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What libbpf makes of an object: opens and loads it, and prints what it hands to the kernel. Tests compare that with
 * what the Java loader hands to the kernel.
 *
 *     oracle OBJECT [BTF]      BTF: a file whose types stand in for the kernel's in CO-RE relocations
 *
 * libbpf calls the kernel through syscall(3). Here is one in its place, which notes programs on their way. One that
 * the kernel refuses (this machine may be unable to have programs of its type) is reported to libbpf as loaded, so
 * that the others follow.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static const char *expected; /* the program that libbpf is about to load */
static struct bpf_program *programs[256];
static int count, next;

static void print_hex(const char *what, const void *bytes, size_t size)
{
	printf("%s ", what);
	for (size_t i = 0; i < size; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
	printf("\n");
}

static void print_program(const union bpf_attr *attr, long result, int error)
{
	printf("program %s\n", expected);
	printf("result %d\n", result < 0 ? error : 0);
	printf("type %u\nattach_type %u\nattach_btf_id %u\nflags %u\n", attr->prog_type, attr->expected_attach_type,
	       attr->attach_btf_id, attr->prog_flags);
	print_hex("instructions", (void *)attr->insns, attr->insn_cnt * sizeof(struct bpf_insn));
	print_hex("functions", (void *)attr->func_info, attr->func_info_cnt * attr->func_info_rec_size);
	print_hex("lines", (void *)attr->line_info, attr->line_info_cnt * attr->line_info_rec_size);
}

/* Probes for features of the kernel are loaded too; their names differ. */
static int is_next(const union bpf_attr *attr)
{
	if (next == count || !attr->prog_name[0])
		return 0;
	expected = bpf_program__name(programs[next]);
	return !strncmp(attr->prog_name, expected, sizeof(attr->prog_name) - 1);
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	long result = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	int error = errno;
	union bpf_attr *attr = (void *)a[1];
	if (number == SYS_bpf && a[0] == BPF_PROG_LOAD && is_next(attr)) {
		next++;
		print_program(attr, result, error);
		if (result < 0)
			return open("/dev/null", O_RDONLY);
	}
	if (number == SYS_bpf && a[0] == BPF_BTF_LOAD && attr->btf_size > 512)
		print_hex("btf", (void *)attr->btf, attr->btf_size);
	errno = error;
	return result;
}

/* libbpf calls data sections after the object: "torture_.rodata" */
static const char *map_name(const struct bpf_map *map)
{
	const char *dot = strchr(bpf_map__name(map), '.');

	return dot && bpf_map__is_internal(map) ? dot : bpf_map__name(map);
}

static int needs_entries(enum bpf_map_type type)
{
	switch (type) {
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_TASK_STORAGE:
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_SK_STORAGE:
		return 0;
	default:
		return 1;
	}
}

/*
 * libbpf does not load an object at all if one of its tracepoints is missing in the running kernel. What is compared does
 * not depend on which one it is.
 */
static void replace_missing_tracepoint(struct bpf_program *program, const struct btf *kernel)
{
	const char *target = strchr(bpf_program__section_name(program), '/');
	char type[128];

	if (!target || bpf_program__expected_attach_type(program) != BPF_TRACE_RAW_TP)
		return;
	snprintf(type, sizeof(type), "btf_trace_%s", target + 1);
	if (btf__find_by_name_kind(kernel, type, BTF_KIND_TYPEDEF) < 0)
		bpf_program__set_attach_target(program, 0, "sys_enter");
}

int main(int argc, char **argv)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	LIBBPF_OPTS(bpf_object_open_opts, options);
	struct bpf_program *program;
	struct bpf_map *map;

	options.btf_custom_path = argc > 2 ? argv[2] : NULL;
	struct bpf_object *object = bpf_object__open_file(argv[1], &options);
	if (!object) {
		printf("open %d\n", errno);
		return 1;
	}
	bpf_object__for_each_program(program, object) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_UNSPEC) {
			bpf_program__set_autoload(program, true);
			replace_missing_tracepoint(program, kernel);
			programs[count++] = program;
		}
	}
	bpf_object__for_each_map(map, object) {
		if (!bpf_map__max_entries(map) && needs_entries(bpf_map__type(map)))
			bpf_map__set_max_entries(map, 4096); /* left open for user space; also a ring buffer's size */
	}
	if (bpf_object__load(object)) {
		printf("load %d\n", errno);
		return 1;
	}
	bpf_object__for_each_map(map, object)
		printf("map %s fd %d type %d key_size %u value_size %u max_entries %u flags %u key_type %u value_type %u\n",
		       map_name(map), bpf_map__fd(map), bpf_map__type(map), bpf_map__key_size(map),
		       bpf_map__value_size(map), bpf_map__max_entries(map), bpf_map__map_flags(map),
		       bpf_map__btf_key_type_id(map), bpf_map__btf_value_type_id(map));
	bpf_object__close(object);
	btf__free(kernel);
	return 0;
}
