/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Variables in each kind of data section, and references to their middles. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct settings {
	u32 enabled;
	u64 threshold;
	struct {
		u32 rate;
		int level;
	};
	u8 flags : 3;
	u8 more : 5;
	char name[12];
};

struct other {
	int first;
	struct settings settings;
};

const volatile u32 rows = 4096;
const volatile char greeting[] = "hello";
const volatile struct settings defaults = { 1, 1000, { 7, -7 }, 2, 3, "defaults" };

struct settings settings[4] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };
static u32 private_value = 99;
u64 initialised = 0x123456789abcdefull;

u64 totals[8];
static u64 private_total;
struct other other;
u8 syscall_class[1024];

u32 apart SEC(".data.apart") = 41;
static u32 apart_private SEC(".data.apart") = 42;
const volatile u32 constant_apart SEC(".rodata.apart") = 43;
u32 zero_apart SEC(".bss.apart");

SEC("raw_tp/sys_enter")
int variables(u64 *ctx)
{
	u32 i = ctx[1] & 3;

	totals[3] += settings[i].threshold + defaults.threshold + rows;
	private_total += private_value++;
	other.settings.level = defaults.level;
	settings[2].rate = initialised;
	syscall_class[ctx[1] & 1023] = greeting[1];
	apart += constant_apart + zero_apart++ + apart_private++;
	return 0;
}

SEC("raw_tp/sys_exit")
int strings(u64 *ctx)
{
	static const char format[] = "exit %d\n";
	char text[] = "a string literal that is long enough not to be built of constants";

	bpf_trace_printk(format, sizeof(format), 1);
	bpf_trace_printk(text, sizeof(text));
	bpf_printk("formatted %d", (int)private_total);
	return 0;
}
