/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern int CONFIG_HZ __kconfig;

SEC("raw_tp/sys_enter") int program(void *ctx)
{
	return CONFIG_HZ;
}
