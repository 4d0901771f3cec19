// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

/** Commands of {@code bpf(2)}: {@code enum bpf_cmd} of {@code linux/bpf.h}. */
public enum BpfCommand {
    MAP_CREATE(0),
    MAP_LOOKUP_ELEM(1),
    MAP_UPDATE_ELEM(2),
    MAP_DELETE_ELEM(3),
    MAP_GET_NEXT_KEY(4),
    PROG_LOAD(5),
    PROG_TEST_RUN(10),
    OBJ_GET_INFO_BY_FD(15),
    RAW_TRACEPOINT_OPEN(17),
    BTF_LOAD(18),
    MAP_FREEZE(22),
    MAP_LOOKUP_BATCH(24),
    LINK_CREATE(28),
    ENABLE_STATS(32),
    ITER_CREATE(33);

    final int number;

    BpfCommand(int number) {
        this.number = number;
    }
}
