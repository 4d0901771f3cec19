// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Descriptor;
import java.util.List;

/**
 * A program's attachment; closing it detaches the program. Most are link objects of the kernel. Where a kernel has none
 * for a kind of program, it is the perf events that the program hangs on.
 */
public final class BpfLink implements AutoCloseable {
    private static final int ITERATOR_LINK_FD = 0; // offset in union bpf_attr

    private final ProgramSpec spec;
    private final List<Descriptor> descriptors;

    /** @param descriptors what is to be closed, in this order */
    BpfLink(ProgramSpec spec, List<Descriptor> descriptors) {
        this.spec = spec;
        this.descriptors = List.copyOf(descriptors);
    }

    /** What is attached. */
    public ProgramSpec program() {
        return spec;
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
            attributes.setInt(ITERATOR_LINK_FD, descriptors.getFirst().number());
            return new IteratorRun(attributes.open(BpfCommand.ITER_CREATE, "iterate with " + spec.name()));
        }
    }

    boolean isClosed() {
        return descriptors.getFirst().isClosed();
    }

    /** Detaches the program. Further calls do nothing. */
    @Override
    public void close() {
        descriptors.forEach(Descriptor::close);
    }
}
