// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.syscalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongPredicate;

/** Everything that was counted up to one moment, by call and by process. A value: nothing changes after it was made. */
public final class SyscallTotals {
    private final LongPredicate ownProcess;
    private final Sum[] byId = new Sum[1024];
    private final Sum[] own = new Sum[1024];

    /** Open-addressed by process: key, calls, errors, time. */
    private long[] processes = new long[4 * 1024];

    private int processCount;
    private long ownKey;

    SyscallTotals(LongPredicate ownProcess) {
        this.ownProcess = ownProcess;
    }

    Sum id(int id) {
        if (byId[id] == null) {
            byId[id] = new Sum();
        }
        return byId[id];
    }

    Sum ownId(int id) {
        if (own[id] == null) {
            own[id] = new Sum();
        }
        return own[id];
    }

    boolean isOwn(long process) {
        if (process != ownKey && ownKey == 0 && ownProcess.test(process)) {
            ownKey = process;
        }
        return process == ownKey;
    }

    void addEnded(int id, Sum sum) {
        id(id).add(sum);
    }

    void addProcess(long process, long count, long errors, long totalTime) {
        if (processCount * 8 >= processes.length) {
            grow();
        }
        int at = slot(processes, process);
        if (processes[at] == 0) {
            processes[at] = process;
            processCount++;
        }
        processes[at + 1] += count;
        processes[at + 2] += errors;
        processes[at + 3] += totalTime;
    }

    private static int slot(long[] table, long process) {
        int mask = table.length / 4 - 1;
        int slot = (int) ((process * 0x9E3779B97F4A7C15L) >>> 33) & mask;
        while (table[slot * 4] != 0 && table[slot * 4] != process) {
            slot = (slot + 1) & mask;
        }
        return slot * 4;
    }

    private void grow() {
        var larger = new long[processes.length * 2];
        for (int at = 0; at < processes.length; at += 4) {
            if (processes[at] != 0) {
                System.arraycopy(processes, at, larger, slot(larger, processes[at]), 4);
            }
        }
        processes = larger;
    }

    /** Calls of all processes, also of those that ended. */
    public long calls() {
        long sum = 0;
        for (Sum s : byId) {
            sum += s == null ? 0 : s.count;
        }
        return sum;
    }

    public long errors() {
        long sum = 0;
        for (Sum s : byId) {
            sum += s == null ? 0 : s.errors;
        }
        return sum;
    }

    /** ns that all calls took, waiting included. */
    public long totalTime() {
        long sum = 0;
        for (Sum s : byId) {
            sum += s == null ? 0 : s.totalTime;
        }
        return sum;
    }

    /** A row for each system call, that with most time first. {@code process} is 0. */
    public List<SyscallTable.Row> bySyscall() {
        return sorted(byId);
    }

    /** A row for each system call of this JVM, that with most time first. {@code process} is 0. */
    public List<SyscallTable.Row> ofThisJvm() {
        return sorted(own);
    }

    private static List<SyscallTable.Row> sorted(Sum[] sums) {
        var rows = new ArrayList<SyscallTable.Row>();
        for (int id = 0; id < sums.length; id++) {
            if (sums[id] != null && sums[id].count > 0) {
                rows.add(sums[id].row(0, id));
            }
        }
        rows.sort(Comparator.comparingLong(SyscallTable.Row::totalTime).reversed());
        return rows;
    }

    /** The running processes with most time, that with most first; {@code id} is {@link SyscallTable#OTHER}: all calls. */
    public List<SyscallTable.Row> topProcesses(int most) {
        var top = new PriorityQueue<SyscallTable.Row>(Comparator.comparingLong(SyscallTable.Row::totalTime));
        for (int at = 0; at < processes.length; at += 4) {
            boolean better = top.size() < most || processes[at + 3] > top.peek().totalTime();
            if (most > 0 && processes[at] != 0 && better) {
                if (top.size() == most) {
                    top.poll();
                }
                top.add(new SyscallTable.Row(
                        processes[at],
                        SyscallTable.OTHER,
                        processes[at + 1],
                        processes[at + 2],
                        processes[at + 3],
                        0,
                        0,
                        0));
            }
        }
        var sorted = new ArrayList<>(top);
        sorted.sort(Comparator.comparingLong(SyscallTable.Row::totalTime).reversed());
        return sorted;
    }
}
