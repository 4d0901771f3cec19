// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code perf_event_open(2)} for events that run a BPF program; offsets are those of {@code linux/perf_event.h}. */
public final class PerfEvents {
    /** Types of events: {@code enum perf_type_id}. */
    public static final int TYPE_SOFTWARE = 1;

    public static final int TYPE_TRACEPOINT = 2;

    private static final int ATTRIBUTE_SIZE = 112; // PERF_ATTR_SIZE_VER5, Linux 4.1
    private static final int TYPE = 0;
    private static final int SIZE = 4;
    private static final int CONFIG = 8;
    private static final int SAMPLE_PERIOD = 16;
    private static final int FLAGS = 40;
    private static final int CONFIG1 = 56;
    private static final int CONFIG2 = 64;
    private static final long FLAG_DISABLED = 1;

    private static final int ALL_PROCESSES = -1;
    private static final int NO_GROUP = -1;
    private static final int FD_CLOEXEC = 8;

    private static final int IOC_ENABLE = 0x2400;
    private static final int IOC_SET_BPF = 0x40042408;

    private PerfEvents() {}

    /**
     * Opens an event for all processes on one CPU, not yet enabled.
     *
     * @param operation what is being done, for the exception
     * @param type the event's type, such as {@link #TYPE_SOFTWARE} or a PMU's number
     * @param config what the type makes of it
     * @param period how many occurrences make one run of the program
     * @param config1 what the type makes of it, for a kprobe the address of the function's name
     * @param config2 what the type makes of it, for a kprobe the offset in the function
     * @throws dev.kfr.bpf.BpfException if the kernel refuses
     */
    public static Descriptor open(
            String operation, int type, long config, long period, long config1, long config2, int cpu) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTE_SIZE, 8);
            attributes.set(JAVA_INT, TYPE, type);
            attributes.set(JAVA_INT, SIZE, ATTRIBUTE_SIZE);
            attributes.set(JAVA_LONG, CONFIG, config);
            attributes.set(JAVA_LONG, SAMPLE_PERIOD, period);
            attributes.set(JAVA_LONG, FLAGS, FLAG_DISABLED);
            attributes.set(JAVA_LONG, CONFIG1, config1);
            attributes.set(JAVA_LONG, CONFIG2, config2);
            return Descriptor.of(
                    operation,
                    SystemCall.PERF_EVENT_OPEN.call(attributes.address(), ALL_PROCESSES, cpu, NO_GROUP, FD_CLOEXEC, 0));
        }
    }

    /** Has the event run a program, on kernels that have no link for it; the event's end is the program's. */
    public static void setProgram(String operation, Descriptor event, int program) {
        control(operation, event, IOC_SET_BPF, program);
    }

    /** Switches the event on. */
    public static void enable(String operation, Descriptor event) {
        control(operation, event, IOC_ENABLE, 0);
    }

    private static void control(String operation, Descriptor event, int request, long argument) {
        long result = SystemCall.IOCTL.call(event.number(), request, argument);
        if (result < 0) {
            throw Errno.failure(operation, result);
        }
    }
}
