// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that the kernel has verified and loaded. It runs once it is attached, as often as it is attached.
 *
 * <p>Any thread may use it, but not while another one closes it.
 */
public final class BpfProgram implements AutoCloseable {
    // offsets in union bpf_attr
    private static final int TEST_PROGRAM_FD = 0;
    private static final int TEST_RETURN_VALUE = 4;

    private final Descriptor descriptor;
    private final ProgramSpec spec;
    private final List<BpfLink> links = new ArrayList<>();

    BpfProgram(Descriptor descriptor, ProgramSpec spec) {
        this.descriptor = descriptor;
        this.spec = spec;
    }

    /** The program as its object describes it. */
    public ProgramSpec spec() {
        return spec;
    }

    /** Its file descriptor. */
    public int fd() {
        return descriptor.number();
    }

    /** The kernel's id of the program. */
    public int id() {
        return info().id();
    }

    /** What the kernel tells about it now. */
    public ProgramInfo info() {
        return ProgramInfo.of(descriptor, "read info of program " + spec.name());
    }

    /**
     * Attaches the program to what its section names. An iterator is attached to nothing: it runs when the link is read.
     *
     * @throws BpfException NOT_FOUND if the kernel has no such attach point, or the program is a classic tracepoint's and
     *     tracefs is not mounted; NOT_SUPPORTED if this kernel can't attach such programs; BUSY if the kernel attaches
     *     a program to one place only once, as older ones do; INVALID for a perf event
     */
    public BpfLink attach() {
        Attachment attachment = new Attachment(descriptor, spec);
        return keep(
                switch (spec.type()) {
                    case RAW_TRACEPOINT -> attachment.rawTracepoint(spec.target());
                    case BTF_TRACEPOINT, FENTRY, FEXIT -> attachment.rawTracepoint("");
                    case ITERATOR -> attachment.iterator();
                    case TRACEPOINT -> attachment.tracepoint(spec.target());
                    case KPROBE -> attachment.kprobe(spec.target(), false);
                    case KRETPROBE -> attachment.kprobe(spec.target(), true);
                    case PERF_EVENT ->
                        throw new BpfException(Reason.INVALID, "attach " + spec.name(), "say to which perf event");
                });
    }

    /**
     * Attaches a program of type {@link ProgramType#PERF_EVENT}, on all CPUs that are online now.
     *
     * @throws BpfException NOT_FOUND if this machine has no such event
     */
    public BpfLink attach(PerfEvent event) {
        return keep(new Attachment(descriptor, spec).perfEvent(event));
    }

    /**
     * Runs the program once, on the calling thread ({@code BPF_PROG_TEST_RUN}); for a {@link ProgramType#RAW_TRACEPOINT} (Linux 5.10).
     *
     * @return what the program returned
     * @throws BpfException NOT_SUPPORTED if this kernel can't run programs of this type so
     */
    public int run() {
        try (var attributes = new BpfAttributes()) {
            attributes.setInt(TEST_PROGRAM_FD, fd());
            long result = attributes.call(BpfCommand.PROG_TEST_RUN);
            if (result < 0) {
                throw Errno.failure("run program " + spec.name(), result);
            }
            return attributes.getInt(TEST_RETURN_VALUE);
        }
    }

    private synchronized BpfLink keep(BpfLink link) {
        links.removeIf(BpfLink::isClosed);
        links.add(link);
        return link;
    }

    boolean isClosed() {
        return descriptor.isClosed();
    }

    /** Detaches the program from everything, and unloads it. Further calls do nothing. */
    @Override
    public synchronized void close() {
        links.forEach(BpfLink::close);
        links.clear();
        descriptor.close();
    }
}
