// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import dev.kfr.bpf.linux.PerfEvents;
import dev.kfr.bpf.linux.Tracefs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The ways to attach one program. */
final class Attachment {
    // offsets in union bpf_attr
    private static final int TRACEPOINT_NAME = 0;
    private static final int TRACEPOINT_PROGRAM = 8;
    private static final int LINK_PROGRAM = 0;
    private static final int LINK_TARGET = 4;
    private static final int LINK_ATTACH_TYPE = 8;

    private static final int ATTACH_TYPE_PERF_EVENT = 41;

    private static final Path KPROBES = Path.of("/sys/bus/event_source/devices/kprobe");

    private final Descriptor program;
    private final ProgramSpec spec;
    private final String operation;

    Attachment(Descriptor program, ProgramSpec spec) {
        this.program = program;
        this.spec = spec;
        operation = "attach program " + spec.name();
    }

    /**
     * To a tracepoint's raw arguments, or, without a name, to what the program was verified for
     * ({@code BPF_RAW_TRACEPOINT_OPEN}; makes the same kind of link as {@code BPF_LINK_CREATE}, which takes such
     * programs only from Linux 5.19 on).
     */
    BpfLink rawTracepoint(String name) {
        try (var attributes = new BpfAttributes()) {
            if (!name.isEmpty()) {
                attributes.setPointer(TRACEPOINT_NAME, name);
            }
            attributes.setInt(TRACEPOINT_PROGRAM, program.number());
            return link(attributes.open(BpfCommand.RAW_TRACEPOINT_OPEN, operation));
        }
    }

    BpfLink iterator() {
        return link(Descriptor.of(operation, createLink(0, spec.type().attachType())));
    }

    private BpfLink link(Descriptor link) {
        return new BpfLink(spec, List.of(link), List.of());
    }

    private long createLink(int target, int attachType) {
        try (var attributes = new BpfAttributes()) {
            return attributes
                    .setInt(LINK_PROGRAM, program.number())
                    .setInt(LINK_TARGET, target)
                    .setInt(LINK_ATTACH_TYPE, attachType)
                    .call(BpfCommand.LINK_CREATE);
        }
    }

    /** To a classic tracepoint. One event on any CPU stands for all CPUs. */
    BpfLink tracepoint(String name) {
        int id = Tracefs.tracepointId(name);
        return perfEvents(
                cpu -> event(PerfEvents.TYPE_TRACEPOINT, id, 0, 0, cpu),
                Cpus.online().nextSetBit(0));
    }

    /** To a function of the kernel. One event on any CPU stands for all CPUs. */
    BpfLink kprobe(String function, boolean onReturn) {
        int type = Integer.parseInt(readKprobeFile("type"));
        // such as "config:0"
        long config = onReturn
                ? 1L << Integer.parseInt(readKprobeFile("format/retprobe").substring("config:".length()))
                : 0;
        try (var arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(function).address();
            return perfEvents(
                    cpu -> event(type, config, 0, name, cpu), Cpus.online().nextSetBit(0));
        }
    }

    private String readKprobeFile(String name) {
        try {
            return Files.readString(KPROBES.resolve(name)).strip();
        } catch (NoSuchFileException e) {
            throw new BpfException(Reason.NOT_SUPPORTED, operation, "this kernel has no kprobes", e);
        } catch (IOException e) {
            throw new BpfException(Reason.OTHER, operation, e.toString(), e);
        }
    }

    BpfLink perfEvent(PerfEvent event) {
        return perfEvents(
                cpu -> event(event.type(), event.config(), event.period(), 0, cpu),
                Cpus.online().stream().toArray());
    }

    private Descriptor event(int type, long config, long period, long config1, int cpu) {
        return PerfEvents.open(operation, type, config, period, config1, 0, cpu);
    }

    /** Opens a perf event for a CPU. */
    private interface EventOpening {
        Descriptor open(int cpu);
    }

    /** Has an event on each of these CPUs run the program. */
    private BpfLink perfEvents(EventOpening opening, int... cpus) {
        List<Descriptor> events = new ArrayList<>(cpus.length);
        List<Descriptor> links = new ArrayList<>(cpus.length);
        try {
            for (int cpu : cpus) {
                Descriptor event = opening.open(cpu);
                events.add(event);
                long link = createLink(event.number(), ATTACH_TYPE_PERF_EVENT);
                if (link == -Errno.EINVAL) { // before Linux 5.15
                    PerfEvents.setProgram(operation, event, program.number());
                } else {
                    links.add(Descriptor.of(operation, link));
                }
                PerfEvents.enable(operation, event);
            }
            return new BpfLink(spec, links, events);
        } catch (RuntimeException e) {
            links.forEach(Descriptor::close);
            events.forEach(Descriptor::close);
            throw e;
        }
    }
}
