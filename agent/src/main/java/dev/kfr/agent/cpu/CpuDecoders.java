// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Record;
import dev.kfr.events.cpu.OffCpu;
import dev.kfr.events.cpu.RunQueueWait;
import java.util.function.IntFunction;

/** Records of waiting threads to events. */
final class CpuDecoders {
    private static final String IDLE = "(idle)";
    private static final String INTERRUPT = "interrupt";

    /** {@code enum off_cpu_state} */
    private static final String[] STATES = {"interruptible", "uninterruptible", "stopped"};

    private static final int WAKER_THREAD = 1;
    private static final int WAKER_INTERRUPT = 2;

    private final EventWriter writer;
    private final IntFunction<String> calls;
    private final int subject;
    private final int pid;
    private final int tid;
    private final int nsPid;
    private final int nsTid;
    private final int threadName;
    private final int processName;

    CpuDecoders(EventWriter writer, IntFunction<String> calls, int subject) {
        this.writer = writer;
        this.calls = calls;
        this.subject = subject;
        var other = writer.layouts().struct("other_thread");
        pid = other.field("pid").offset();
        tid = other.field("tid").offset();
        nsPid = other.field("ns_pid").offset();
        nsTid = other.field("ns_tid").offset();
        threadName = other.field("thread_name").offset();
        processName = other.field("process_name").offset();
    }

    Decoder runQueueWait() {
        var struct = writer.layouts().struct("run_queue_wait_record");
        int cpu = struct.field("cpu").offset();
        int other = struct.field("ran_instead").offset();
        return record -> {
            var event = new RunQueueWait();
            if (writer.begin(event, record, subject)) {
                event.cpu = record.getInt(cpu);
                event.ranInstead = record.getInt(other + pid) == 0 ? IDLE : thread(record, other);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder offCpu() {
        var struct = writer.layouts().struct("off_cpu_record");
        int state = struct.field("state").offset();
        int syscall = struct.field("syscall").offset();
        int waker = struct.field("waker").offset();
        int other = struct.field("woken_by").offset();
        return record -> {
            var event = new OffCpu();
            if (writer.begin(event, record, subject)) {
                int how = record.getInt(state);
                int call = record.getInt(syscall);
                event.state = how >= 0 && how < STATES.length ? STATES[how] : "";
                event.syscall = call < 0 ? "" : calls.apply(call);
                event.wokenBy = switch (record.getInt(waker)) {
                    case WAKER_THREAD -> thread(record, other);
                    case WAKER_INTERRUPT -> INTERRUPT;
                    default -> "";
                };
                writer.commit(event, record, subject);
            }
        };
    }

    /** A process, and the thread if it is not the first: {@code java[4711] worker[4718]}. */
    private String thread(Record record, int at) {
        long process = writer.pid(record.getUnsignedInt(at + pid), record.getUnsignedInt(at + nsPid));
        long thread = writer.pid(record.getUnsignedInt(at + tid), record.getUnsignedInt(at + nsTid));
        var name = writer.name(record, at + processName) + "[" + process + "]";
        return thread == process ? name : name + " " + writer.name(record, at + threadName) + "[" + thread + "]";
    }
}
