// SPDX-License-Identifier: Apache-2.0
/*
 * What can be had with C and libbpf: loads programs of an eBPF object, attaches them until standard input ends, and writes
 * what they put into the map `ring` to a file as it is.
 *
 *   consumer OBJECT RECORDS PROGRAM... [VARIABLE=NUMBER...] [MAP@ENTRIES...]
 *
 * A variable is one of .data or .bss, such as settings[2].enabled. RECORDS - reads no ring. Prints a line when all is attached,
 * and at the end how many records there were and how many were lost.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAP_MILLIS 10
#define BUFFER (1 << 20)

static FILE *records;
static unsigned long received;

static void check(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static const struct btf_type *plain(const struct btf *btf, int id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* Where a member of the type is, and then its type. */
static unsigned member(const struct btf *btf, const struct btf_type **type, const char *name)
{
	for (int i = 0; i < btf_vlen(*type); i++) {
		const struct btf_member *m = btf_members(*type) + i;

		if (!strcmp(btf__name_by_offset(btf, m->name_off), name)) {
			unsigned offset = btf_member_bit_offset(*type, i) / 8;

			*type = plain(btf, m->type);
			return offset;
		}
	}
	fprintf(stderr, "there is no member %s\n", name);
	exit(1);
}

/* Where the variable is in a section, and its type; -1: it is not there. */
static int variable(const struct btf *btf, const struct btf_type **type, const char *section, const char *name)
{
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);

	for (int i = 0; id > 0 && i < btf_vlen(btf__type_by_id(btf, id)); i++) {
		const struct btf_var_secinfo *info = btf_var_secinfos(btf__type_by_id(btf, id)) + i;
		const struct btf_type *var = btf__type_by_id(btf, info->type);

		if (!strcmp(btf__name_by_offset(btf, var->name_off), name)) {
			*type = plain(btf, var->type);
			return info->offset;
		}
	}
	return -1;
}

/* Changes what a section begins with. */
static void write_section(struct bpf_object *object, const char *section, int offset, const void *value, int length)
{
	struct bpf_map *map;
	const char *initial;
	size_t size;

	bpf_object__for_each_map(map, object)
		if (strstr(bpf_map__name(map), section) && (initial = bpf_map__initial_value(map, &size))) {
			char *copy = malloc(size);

			memcpy(copy, initial, size);
			memcpy(copy + offset, value, length);
			check(!bpf_map__set_initial_value(map, copy, size), section);
			free(copy);
		}
}

/* NAME or NAME[INDEX], then .MEMBER or nothing */
static void set(struct bpf_object *object, char *assignment)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *type;
	char *value = strchr(assignment, '='), *field = strchr(assignment, '.'), *index = strchr(assignment, '[');
	long number = strtol(value + 1, NULL, 0);
	const char *section = ".data";
	int offset;

	*value = 0;
	if (field)
		*field++ = 0;
	if (index)
		*index++ = 0;
	offset = variable(btf, &type, section, assignment);
	if (offset < 0)
		offset = variable(btf, &type, section = ".bss", assignment);
	if (offset < 0) {
		fprintf(stderr, "there is no variable %s\n", assignment);
		exit(1);
	}
	if (index) {
		int element = btf_array(type)->type;

		offset += btf__resolve_size(btf, element) * atoi(index);
		type = plain(btf, element);
	}
	if (field)
		offset += member(btf, &type, field);
	write_section(object, section, offset, &number, type->size);
}

static struct bpf_object *load(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	struct bpf_program *program;
	struct bpf_map *map;

	check(object != NULL, argv[1]);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, false);
	for (int i = 3; i < argc; i++) {
		char *entries = strchr(argv[i], '@');

		if (strchr(argv[i], '=')) {
			set(object, argv[i]);
		} else if (entries) {
			*entries++ = 0;
			map = bpf_object__find_map_by_name(object, argv[i]);
			check(map && !bpf_map__set_max_entries(map, atoi(entries)), argv[i]);
		} else {
			program = bpf_object__find_program_by_name(object, argv[i]);
			check(program && !bpf_program__set_autoload(program, true), argv[i]);
		}
	}
	check(!bpf_object__load(object), "load");
	bpf_object__for_each_program(program, object)
		check(!bpf_program__autoload(program) || bpf_program__attach(program), "attach");
	return object;
}

static int receive(void *context, void *record, size_t size)
{
	(void)context;
	received++;
	check(fwrite(record, size, 1, records) == 1, "write");
	return 0;
}

/* Standard input has ended. */
static int told_to_end(int wait)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char bytes[64];

	return poll(&input, 1, wait) == 1 && read(0, bytes, sizeof(bytes)) == 0;
}

/* The sum of event_counters.lost of all CPUs. */
static unsigned long lost(struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map = bpf_object__find_map_by_name(object, "event_counters");
	const struct btf_type *type = btf__type_by_id(btf, btf__find_by_name_kind(btf, "event_counters", BTF_KIND_STRUCT));
	unsigned offset = member(btf, &type, "lost");
	char counters[4096];
	unsigned long sum = 0;

	check(bpf_map__value_size(map) <= sizeof(counters), "event_counters");
	for (unsigned cpu = 0; cpu < bpf_map__max_entries(map); cpu++) {
		check(!bpf_map_lookup_elem(bpf_map__fd(map), &cpu, counters), "event_counters");
		for (unsigned i = 0; i < btf_array(type)->nelems; i++)
			sum += ((unsigned long *)(counters + offset))[i];
	}
	return sum;
}

static void consume(struct bpf_object *object)
{
	int ring_fd = bpf_map__fd(bpf_object__find_map_by_name(object, "ring"));
	struct ring_buffer *ring = ring_buffer__new(ring_fd, receive, NULL, NULL);

	check(ring != NULL, "ring");
	while (!told_to_end(NAP_MILLIS))
		ring_buffer__consume(ring);
	ring_buffer__consume(ring);
	check(!fclose(records), "close");
	printf("%lu %lu\n", received, lost(object));
}

int main(int argc, char **argv)
{
	check(argc > 3, "usage: consumer OBJECT RECORDS PROGRAM... [VARIABLE=NUMBER...] [MAP@ENTRIES...]");
	struct bpf_object *object = load(argc, argv);

	puts("attached");
	fflush(stdout);
	if (!strcmp(argv[2], "-")) {
		while (!told_to_end(-1))
			;
		return 0;
	}
	records = fopen(argv[2], "w");
	check(records != NULL, argv[2]);
	setvbuf(records, NULL, _IOFBF, BUFFER);
	consume(object);
	return 0;
}
