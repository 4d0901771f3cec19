// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A program's attachment; closing it detaches the program. Most are link objects of the kernel. Where a kernel has none
 * for a kind of program, it is the perf events that the program hangs on.
 */
public final class BpfLink implements AutoCloseable {
    private static final int ITERATOR_LINK_FD = 0; // offset in union bpf_attr

    // struct bpf_link_info
    private static final int INFO_ID = 4;
    private static final int INFO_SIZE = 16;

    private final ProgramSpec spec;
    private final List<Descriptor> links;
    private final List<Descriptor> events;

    /**
     * @param links link objects; none on kernels that have none for this kind of program
     * @param events perf events that the program is attached to; none for other kinds
     */
    BpfLink(ProgramSpec spec, List<Descriptor> links, List<Descriptor> events) {
        this.spec = spec;
        this.links = List.copyOf(links);
        this.events = List.copyOf(events);
    }

    /** What is attached. */
    public ProgramSpec program() {
        return spec;
    }

    /** The kernel's id of the link, the first if there are several; 0 where the kernel has no link object for it. */
    public int id() {
        if (links.isEmpty()) {
            return 0;
        }
        try (var attributes = new BpfAttributes()) {
            return attributes
                    .info(links.getFirst(), INFO_SIZE, "read info of the link of " + spec.name())
                    .get(ValueLayout.JAVA_INT, INFO_ID);
        }
    }

    /**
     * Runs an iterator over all objects once; what the program writes is read from the result. Any number of runs may be
     * open.
     *
     * @throws BpfException INVALID if the program is no iterator
     */
    public IteratorRun iterate() {
        if (spec.type() != ProgramType.ITERATOR) {
            throw new BpfException(Reason.INVALID, "iterate with " + spec.name(), "it is no iterator");
        }
        try (var attributes = new BpfAttributes()) {
            attributes.setInt(ITERATOR_LINK_FD, links.getFirst().number());
            return new IteratorRun(attributes.open(BpfCommand.ITER_CREATE, "iterate with " + spec.name()));
        }
    }

    boolean isClosed() {
        return (links.isEmpty() ? events : links).getFirst().isClosed();
    }

    /** Detaches the program. Further calls do nothing. */
    @Override
    public void close() {
        links.forEach(Descriptor::close);
        events.forEach(Descriptor::close);
    }
}
