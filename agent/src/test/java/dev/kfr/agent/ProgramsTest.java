// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.memory.OutOfMemoryKills;
import dev.kfr.agent.processes.RecentExits;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Containers;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.BpfProgram;
import dev.kfr.bpf.CompiledObjects;
import dev.kfr.bpf.Machine;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.PerfEvent;
import dev.kfr.bpf.ProgramSpec;
import dev.kfr.bpf.ProgramType;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.KernelVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each program of the product, in each of its variants, is one that this kernel takes. */
@NeedsKernel
class ProgramsTest {
    /** Programs that the agent has the kernel run, and attaches to nothing. */
    private static final List<String> RUN_ONCE = List.of("identify", "number_threads", "watch_container");

    private static final int RING_BYTES = 64 << 10;
    private static final String ATTACHED = "attached";
    private static final KernelBtf KERNEL = KernelBtf.ofRunningKernel();
    private static List<SubjectProbe> subjects;

    @BeforeAll
    static void create() {
        var identity = AgentIdentity.ofThisProcess();
        var processes = new Processes(1024, identity, new Containers(identity));
        subjects = new Subjects(Options.parse(""), null, new RecentExits(), new OutOfMemoryKills())
                .create(identity, processes, null);
    }

    static List<String> objects() {
        return CompiledObjects.names();
    }

    @ParameterizedTest
    @MethodSource("objects")
    void everyVariantIsLoadedAndAttached(String name) throws IOException {
        var object = CompiledObjects.parse(name);
        assertFalse(object.programs().isEmpty());
        var failures = new ArrayList<String>();
        try (var collection = open(object)) {
            for (var program : object.programs().values()) {
                String outcome = outcome(collection, program);
                Results.add("programs", name, program.name(), program.section(), outcome);
                if (!outcome.equals(ATTACHED) && !isMissing(program)) {
                    failures.add(program.name() + ": " + outcome);
                }
            }
        }
        assertEquals(List.of(), failures);
    }

    /** As the agent opens it, with a map of its own for each that objects share. */
    private static BpfCollection open(BpfObject object) {
        var builder = BpfCollection.of(object).kernel(KERNEL);
        if (object.maps().containsKey("ring")) {
            builder.maxEntries("ring", RING_BYTES);
        }
        if (object.maps().containsKey("event_counters")) {
            builder.maxEntries("event_counters", Cpus.possible());
        }
        if (object.variables().containsKey("cpus")) {
            builder.constant("cpus", Cpus.possible());
        }
        for (var subject : subjects) {
            if (subject.objects().contains(object.name())) {
                subject.configure(object, builder);
            }
        }
        return builder.open();
    }

    /** Nothing is switched on, so the programs find nothing to do while they are attached. */
    private static String outcome(BpfCollection collection, ProgramSpec spec) {
        try (var program = collection.load(spec.name())) {
            if (RUN_ONCE.contains(spec.name())) {
                program.run();
            } else {
                try (var link = attach(program)) {
                    run(link);
                }
            }
            return ATTACHED;
        } catch (BpfException e) {
            boolean expected = isTooNew(spec) || e.reason() == Reason.NOT_FOUND && isMissing(spec);
            return e.getMessage() + (expected ? "" : "\n" + e.verifierLog());
        }
    }

    private static BpfLink attach(BpfProgram program) {
        return program.spec().type() == ProgramType.PERF_EVENT
                ? program.attach(PerfEvent.majorPageFaults())
                : program.attach();
    }

    private static void run(BpfLink link) {
        if (link.program().type() == ProgramType.ITERATOR) {
            try (var run = link.iterate();
                    var arena = Arena.ofConfined()) {
                var buffer = arena.allocate(1 << 20, Long.BYTES);
                while (run.read(buffer) > 0) {
                    // to its end
                }
            }
        }
    }

    /** Variants that only newer kernels take: others serve in their place. */
    private static boolean isTooNew(ProgramSpec program) {
        var name = program.name();
        KernelVersion first;
        if (name.matches("(kmalloc|kmem_cache_alloc)(_node)?_btf|(kfree|kmem_cache_free)_btf")) {
            first = new KernelVersion(6, 16); // before, arguments of type const void * are refused
        } else if (name.equals("major_fault_perf_named")) {
            first = new KernelVersion(6, 1); // calls a function of its own through a pointer
        } else {
            return false;
        }
        return KernelVersion.running().compareTo(first) < 0;
    }

    /** Whether this kernel has no such tracepoint, or this machine does not show its classic form. */
    private static boolean isMissing(ProgramSpec program) {
        if (isTooNew(program)) {
            return true;
        }
        return switch (program.type()) {
            case RAW_TRACEPOINT, BTF_TRACEPOINT -> !KERNEL.hasTracepoint(program.target());
            case TRACEPOINT -> {
                String tracepoint = program.target().substring(program.target().indexOf('/') + 1);
                yield !KERNEL.hasTracepoint(tracepoint) || !Machine.hasTracefs() && !Machine.mustHaveVariants();
            }
            case FENTRY, FEXIT, KPROBE, KRETPROBE, PERF_EVENT, ITERATOR -> false;
        };
    }
}
