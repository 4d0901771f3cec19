/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each kind of CO-RE relocation, against types that torture_kernel.bpf.c lays out in another way. The tests compare
 * what becomes of the instructions with what libbpf makes of them; the programs do nothing sensible.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __view __attribute__((preserve_access_index))

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum color { COLOR_RED = 1, COLOR_GREEN = 2, COLOR_GONE = 3, COLOR_NEGATIVE = -4 };
enum big___view { BIG_ONE = 1, BIG_LAST = 0x7fffffff };
enum gone_enum { GONE_CONSTANT = 7 };

struct inner {
	u32 a;
	u32 b;
} __view;

typedef struct {
	u64 first;
	u32 second;
} anonymous_struct;

struct outer {
	u32 moved;
	s32 moved_signed;
	u64 shrunk;
	s32 shrunk_signed;
	void *pointer;
	struct inner nested;
	struct inner array[4];
	u32 matrix[3][5];
	union {
		u32 in_union;
		struct {
			u16 deep;
			u16 deeper;
		};
	};
	enum color color;
	char text[16];
	float number;
	struct inner *link;
	u32 gone;
	u32 changed_kind;
	struct inner flexible[];
} __view;

struct outer___old {
	u32 only_old;
	struct inner nested;
} __view;

struct bits {
	u32 low : 3;
	s32 middle : 7;
	u32 wide : 20;
	u64 across : 40;
	u8 small : 2;
	u32 plain;
	enum color color : 5;
} __view;

struct only_here {
	u32 x;
} __view;

union shape {
	u32 circle;
	u64 square;
} __view;

struct twice {
	u32 before;
	u32 same;
} __view;

struct outer_forward;
typedef int number_type;
typedef u64 (*callback_type)(struct inner *, u32);
typedef u32 vector_type[4];

volatile u64 results[64];
u32 array_index;

#define NOTE(i, value) (results[i] = (u64)(value))

SEC("raw_tp/sys_enter")
int fields(void *ctx)
{
	struct outer *o = ctx;

	NOTE(0, __builtin_preserve_field_info(o->moved, BPF_FIELD_BYTE_OFFSET));
	NOTE(1, bpf_core_field_size(o->shrunk));
	NOTE(2, bpf_core_field_exists(o->moved));
	NOTE(3, bpf_core_field_exists(o->gone));
	NOTE(4, bpf_core_field_exists(o->changed_kind));
	NOTE(5, __builtin_preserve_field_info(o->moved_signed, BPF_FIELD_SIGNED));
	NOTE(6, __builtin_preserve_field_info(o->moved, BPF_FIELD_SIGNED));
	NOTE(7, bpf_core_field_size(o->array));
	NOTE(8, bpf_core_field_size(o->text));
	NOTE(9, __builtin_preserve_field_info(o->nested.b, BPF_FIELD_BYTE_OFFSET));
	NOTE(10, __builtin_preserve_field_info(o->array[3].b, BPF_FIELD_BYTE_OFFSET));
	NOTE(11, __builtin_preserve_field_info(o->matrix[2][4], BPF_FIELD_BYTE_OFFSET));
	NOTE(12, bpf_core_field_size(o->matrix[2][4]));
	NOTE(13, __builtin_preserve_field_info(o->in_union, BPF_FIELD_BYTE_OFFSET));
	NOTE(14, __builtin_preserve_field_info(o->deep, BPF_FIELD_BYTE_OFFSET));
	NOTE(15, __builtin_preserve_field_info(o->deeper, BPF_FIELD_LSHIFT_U64));
	NOTE(16, __builtin_preserve_field_info(o->deeper, BPF_FIELD_RSHIFT_U64));
	NOTE(17, bpf_core_field_exists(o->flexible[7].b));
	NOTE(18, __builtin_preserve_field_info(o->flexible[7].b, BPF_FIELD_BYTE_OFFSET));
	NOTE(19, bpf_core_field_exists(o->array[3]));
	NOTE(20, bpf_core_field_size(o->number));
	NOTE(21, bpf_core_field_exists(o->link));
	NOTE(22, bpf_core_field_exists(o->color));
	NOTE(23, __builtin_preserve_field_info(o[2].nested.a, BPF_FIELD_BYTE_OFFSET));
	return 0;
}

SEC("raw_tp/sys_enter")
int guarded(void *ctx)
{
	struct outer *o = ctx;
	struct only_here *h = ctx;
	u32 value = 0;

	if (bpf_core_field_exists(o->gone))
		bpf_core_read(&value, bpf_core_field_size(o->gone), &o->gone);
	if (bpf_core_type_exists(struct only_here))
		bpf_core_read(&value, sizeof(value), &h->x);
	if (bpf_core_enum_value_exists(enum color, COLOR_GONE))
		value += bpf_core_enum_value(enum color, COLOR_GONE);
	NOTE(0, value);
	return 0;
}

SEC("raw_tp/sys_enter")
int unguarded(void *ctx)
{
	struct outer *o = ctx;

	NOTE(0, __builtin_preserve_field_info(o->gone, BPF_FIELD_BYTE_OFFSET));
	NOTE(1, bpf_core_enum_value(enum color, COLOR_GONE));
	NOTE(2, bpf_core_enum_value(enum gone_enum, GONE_CONSTANT));
	NOTE(3, BPF_CORE_READ(o, gone));
	return 0;
}

SEC("raw_tp/sys_enter")
int reads(void *ctx)
{
	struct outer *o = ctx;
	char text[16];

	NOTE(0, BPF_CORE_READ(o, moved));
	NOTE(1, BPF_CORE_READ(o, link, b));
	NOTE(2, BPF_CORE_READ(o, array[2].a));
	NOTE(3, BPF_CORE_READ(o, matrix[1][2]));
	NOTE(4, BPF_CORE_READ(o, deeper));
	NOTE(5, BPF_CORE_READ((anonymous_struct *)ctx, second));
	NOTE(6, BPF_CORE_READ((struct outer___old *)ctx, only_old));
	NOTE(7, BPF_CORE_READ((union shape *)ctx, square));
	bpf_core_read_str(text, sizeof(text), &o->text);
	NOTE(8, text[0]);
	NOTE(9, BPF_CORE_READ((struct outer___old *)ctx, nested.b));
	return 0;
}

SEC("raw_tp/sys_enter")
int bit_fields(void *ctx)
{
	struct bits *b = ctx;

	NOTE(0, BPF_CORE_READ_BITFIELD_PROBED(b, low));
	NOTE(1, BPF_CORE_READ_BITFIELD_PROBED(b, middle));
	NOTE(2, BPF_CORE_READ_BITFIELD_PROBED(b, wide));
	NOTE(3, BPF_CORE_READ_BITFIELD_PROBED(b, across));
	NOTE(4, BPF_CORE_READ_BITFIELD_PROBED(b, small));
	NOTE(5, BPF_CORE_READ_BITFIELD_PROBED(b, plain));
	NOTE(6, bpf_core_field_size(b->wide));
	NOTE(7, __builtin_preserve_field_info(b->color, BPF_FIELD_LSHIFT_U64));
	NOTE(8, __builtin_preserve_field_info(b->color, BPF_FIELD_RSHIFT_U64));
	return 0;
}

SEC("raw_tp/sys_enter")
int types(void *ctx)
{
	NOTE(0, bpf_core_type_id_local(struct outer));
	NOTE(1, bpf_core_type_id_kernel(struct outer));
	NOTE(2, bpf_core_type_exists(struct outer));
	NOTE(3, bpf_core_type_exists(struct only_here));
	NOTE(4, bpf_core_type_size(struct outer));
	NOTE(5, bpf_core_type_size(struct only_here));
	NOTE(6, bpf_core_type_exists(anonymous_struct));
	NOTE(7, bpf_core_type_size(union shape));
	NOTE(8, bpf_core_type_exists(number_type));
	NOTE(9, bpf_core_type_size(number_type));
	NOTE(10, bpf_core_type_exists(callback_type));
	NOTE(11, bpf_core_type_exists(vector_type));
	NOTE(12, bpf_core_type_size(vector_type));
	NOTE(13, bpf_core_type_exists(enum color));
	NOTE(14, bpf_core_type_exists(struct outer___old));
	NOTE(15, bpf_core_type_id_kernel(struct only_here));
	NOTE(16, bpf_core_type_size(enum big___view));
	return 0;
}

SEC("raw_tp/sys_enter")
int constants(void *ctx)
{
	NOTE(0, bpf_core_enum_value(enum color, COLOR_RED));
	NOTE(1, bpf_core_enum_value(enum color, COLOR_NEGATIVE));
	NOTE(2, bpf_core_enum_value_exists(enum color, COLOR_GREEN));
	NOTE(3, bpf_core_enum_value_exists(enum color, COLOR_GONE));
	NOTE(4, bpf_core_enum_value(enum big___view, BIG_LAST));
	NOTE(5, bpf_core_enum_value_exists(enum gone_enum, GONE_CONSTANT));
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, char[1024]);
} space SEC(".maps");

/* Loads and stores that carry the offset in themselves. */
SEC("raw_tp/sys_enter")
int memory(void *ctx)
{
	u32 zero = 0;
	struct outer *o = bpf_map_lookup_elem(&space, &zero);

	if (!o)
		return 0;
	NOTE(0, o->moved);
	NOTE(1, o->shrunk);
	NOTE(2, (u64)o->pointer);
	NOTE(3, o->nested.b);
	NOTE(4, o->array[1].a);
	o->moved = 17;
	o->nested.a = results[5];
	o->matrix[1][1] = results[6];
	return 0;
}

/* A signed integer of another width can't be loaded; it is poisoned. */
SEC("raw_tp/sys_enter")
int shrunk_signed(void *ctx)
{
	u32 zero = 0;
	struct outer *o = bpf_map_lookup_elem(&space, &zero);

	if (o)
		NOTE(0, o->shrunk_signed);
	return 0;
}

/* Two types of the kernel are called so, and only one has the second member. */
SEC("raw_tp/sys_enter")
int narrowed(void *ctx)
{
	struct twice *t = ctx;

	NOTE(0, __builtin_preserve_field_info(t->same, BPF_FIELD_BYTE_OFFSET));
	NOTE(1, bpf_core_field_exists(t->same));
	return 0;
}
