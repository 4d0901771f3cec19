// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.FileInputStream;
import java.io.IOException;

/**
 * Ties the kernel side's generation of a task to what proc(5) says of it.
 *
 * <p>A generation is {@code (u32) (start_boottime >> 10)}: units of 1,024 ns, so it wraps every 73 minutes. {@code /proc/PID/stat} has the same
 * time in hundredths of a second. Two tasks of one id are told apart unless both started in the same 10 ms, for which all ids would have to
 * be used up in that time, or exactly a multiple of 73 minutes apart (to 10 ms: 1 chance in 400,000, given that the id was reused at all).
 */
final class Generation {
    /** USER_HZ is 100 on all architectures that the JDK runs on. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final int STARTTIME = 22;

    private Generation() {}

    /** Whether a task that started {@code ticks} hundredths of a second after boot can have this generation. */
    static boolean matches(int generation, long ticks) {
        long first = (ticks * NANOS_PER_TICK) >> 10;
        long last = (ticks * NANOS_PER_TICK + NANOS_PER_TICK - 1) >> 10;
        return Integer.compareUnsigned(generation - (int) first, (int) (last - first)) <= 0;
    }

    /** Start of a task in hundredths of a second after boot from its {@code stat} file; -1 if there is no such task. */
    static long startTicks(String statFile) {
        var bytes = new byte[1024];
        int length;
        try (var in = new FileInputStream(statFile)) {
            length = in.read(bytes);
        } catch (IOException ended) {
            return -1;
        }
        return startTicks(bytes, length);
    }

    static long startTicks(byte[] stat, int length) {
        // the name is in parentheses and may itself contain spaces and parentheses: fields are counted from the last
        // one
        int at = length - 1;
        while (at >= 0 && stat[at] != ')') {
            at--;
        }
        if (at < 0) {
            return -1;
        }
        int field = 2;
        long value = 0;
        for (at++; at < length; at++) {
            if (stat[at] == ' ') {
                if (field == STARTTIME) {
                    return value;
                }
                field++;
                value = 0;
            } else if (field == STARTTIME) {
                value = value * 10 + (stat[at] - '0');
            }
        }
        return -1;
    }
}
