// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who uses the CPUs. */
#include "emit.h"
#include "tasks.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
