// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;

/** What decoders need to read the records of one eBPF object. Confined to the thread that drains the ring. */
public final class Layouts {
    private final BpfObject object;
    private final Paths paths;

    public Layouts(BpfObject object, Text text) {
        this.object = object;
        this.paths = new Paths(text, object);
    }

    /** The layout of a struct of the object. */
    public StructLayout struct(String name) {
        return object.struct(name);
    }

    /** Reads the paths of records. */
    public Paths paths() {
        return paths;
    }
}
