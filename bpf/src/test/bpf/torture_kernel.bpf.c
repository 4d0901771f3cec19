/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The types of an imaginary kernel, for torture_core.bpf.c. Only their BTF is used. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;

enum color { COLOR_BLACK = 0, COLOR_NEGATIVE = -40, COLOR_RED = 11, COLOR_GREEN = 12 };
enum big { BIG_LAST = 0x7ffffffe, BIG_ONE___suffix = 2 };

struct inner {
	u64 new_first;
	u32 b;
	u32 a;
};

typedef struct {
	u32 second;
	u64 first;
} anonymous_struct;

struct outer {
	u64 new_member;
	union {
		struct {
			u64 padding[2];
			const struct inner array[8];
			u16 unrelated;
			union {
				u64 in_union;
				u16 deeper;
			};
		};
		u8 bytes[64];
	};
	const volatile u32 moved;
	s32 moved_signed;
	u32 shrunk;
	short shrunk_signed;
	void *const pointer;
	u32 matrix[4][6];
	struct inner nested;
	u16 deep;
	enum color color;
	char text[32];
	double number;
	struct inner *link;
	u64 only_old;
	struct inner changed_kind;
	struct inner flexible[];
};

struct bits {
	u64 front;
	u32 low : 1;
	u32 wide : 28;
	s32 middle : 12;
	u32 across : 3;
	u64 small : 33;
	u32 color : 9;
	u16 plain : 15;
};

union shape {
	u64 square;
	u32 circle;
	u32 triangle[5];
};

struct twice {
	u32 same;
};

struct twice___other {
	u32 else_where;
	u32 unlike;
};

typedef u64 number_type;
typedef u64 (*callback_type)(const struct inner *, u32);
typedef u32 vector_type[6];

struct outer outer;
struct bits bits;
union shape shape;
struct twice twice;
struct twice___other twice_other;
anonymous_struct anonymous;
number_type number;
callback_type callback;
vector_type vector;
enum big big;
