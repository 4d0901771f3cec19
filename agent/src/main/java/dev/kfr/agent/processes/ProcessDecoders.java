// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.events.processes.ProcessExit;
import dev.kfr.events.processes.ProcessStart;
import dev.kfr.events.processes.Signal;

/** Records of processes to the events of processes. */
final class ProcessDecoders {
    private static final String[] ORIGINS = {"process", "kernel", "timer"};

    /** TRACE_SIGNAL_* of {@code include/trace/events/signal.h}. */
    private static final String[] RESULTS = {"delivered", "ignored", "already pending", "overflow", "information lost"};

    private static final int SIGNAL_MASK = 0x7f;

    private final EventWriter writer;
    private final int subject;

    ProcessDecoders(EventWriter writer, int subject) {
        this.writer = writer;
        this.subject = subject;
    }

    Decoder start() {
        var struct = writer.layouts().struct("process_start_record");
        int size = struct.size();
        int parent = struct.field("parent_pid").offset();
        int parentInNamespace = struct.field("parent_ns_pid").offset();
        int pathFlags = struct.field("path_flags").offset();
        int pathLength = struct.field("path_length").offset();
        int argumentsLength = struct.field("arguments_length").offset();
        int argumentsCut = struct.field("arguments_cut").offset();
        return record -> {
            var event = new ProcessStart();
            if (writer.begin(event, record, subject)) {
                event.parentPid = writer.pid(record.getUnsignedInt(parent), record.getUnsignedInt(parentInNamespace));
                int path = record.getUnsignedShort(pathLength);
                event.executable =
                        writer.layouts().paths().read(record, size, path, record.getUnsignedShort(pathFlags), 0);
                event.commandLine = writer.commandLine(
                        record, size + path, record.getInt(argumentsLength), record.getInt(argumentsCut) != 0);
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder exit() {
        var struct = writer.layouts().struct("process_exit_record");
        int lifetime = struct.field("lifetime").offset();
        int cpuTime = struct.field("cpu_time").offset();
        int maxResident = struct.field("max_resident").offset();
        int exitCode = struct.field("exit_code").offset();
        int parent = struct.field("parent_pid").offset();
        int parentInNamespace = struct.field("parent_ns_pid").offset();
        return record -> {
            var event = new ProcessExit();
            if (writer.begin(event, record, subject)) {
                int status = record.getInt(exitCode);
                event.lifetime = record.getLong(lifetime);
                event.exitCode = (status >> 8) & 0xff;
                event.signal = SignalNames.name(status & SIGNAL_MASK);
                event.cpuTime = record.getLong(cpuTime);
                event.maxResidentSize = record.getLong(maxResident);
                event.parentPid = writer.pid(record.getUnsignedInt(parent), record.getUnsignedInt(parentInNamespace));
                writer.commit(event, record, subject);
            }
        };
    }

    Decoder signal() {
        var struct = writer.layouts().struct("signal_record");
        int signal = struct.field("signal").offset();
        int origin = struct.field("origin").offset();
        int target = struct.field("target_pid").offset();
        int targetInNamespace = struct.field("target_ns_pid").offset();
        int result = struct.field("result").offset();
        int targetName = struct.field("target_name").offset();
        return record -> {
            var event = new Signal();
            if (writer.begin(event, record, subject)) {
                int from = record.getInt(origin);
                event.signal = SignalNames.name(record.getInt(signal));
                event.origin = from >= 0 && from < ORIGINS.length ? ORIGINS[from] : "";
                long here = record.getUnsignedInt(targetInNamespace);
                event.targetPid = writer.pid(record.getUnsignedInt(target), here);
                event.targetPidNamespace = writer.pidNamespace(here);
                int outcome = record.getInt(result);
                event.result = outcome >= 0 && outcome < RESULTS.length ? RESULTS[outcome] : "";
                event.targetName = writer.name(record, targetName);
                writer.commit(event, record, subject);
            }
        };
    }
}
