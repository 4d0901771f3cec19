// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.Remedy;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.BpfProgram;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.KernelVersion;
import dev.kfr.bpf.linux.Tracefs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Finds out what the agent could do here: puts each of its objects into the kernel as the agent does, has the kernel verify and load each
 * program in the variant that would be used, and takes all of it out again. Nothing is attached.
 */
public final class Trial {
    /**
     * What became of one probe.
     *
     * @param probe its name
     * @param subjects what needs it
     * @param variant that would be used; empty if none can be
     * @param message why others that come first, or all, can't be used; empty if the first can
     */
    public record Outcome(String probe, List<String> subjects, String variant, String message) {
        public Outcome {
            subjects = List.copyOf(subjects);
        }

        /** Whether the probe would work. */
        public boolean works() {
            return !variant.isEmpty();
        }
    }

    private final List<SubjectProbe> subjects;
    private final KernelBtf types;
    private final List<Outcome> outcomes = new ArrayList<>();

    private Trial(List<SubjectProbe> subjects, KernelBtf types) {
        this.subjects = subjects;
        this.types = types;
    }

    /**
     * Tries all that the agent may ever need.
     *
     * @param ringBytes size of the ring buffer
     * @param events whether this JVM has Flight Recorder
     * @throws BpfException if not even the first of it works, so that the agent could do nothing
     */
    public static List<Outcome> run(List<SubjectProbe> subjects, int ringBytes, boolean events) {
        var trial = new Trial(subjects, KernelBtf.ofRunningKernel());
        try (var kernel = Kernel.open(ringBytes, AgentIdentity.ofThisProcess())) {
            var wanted = trial.wanted(events);
            var objects = new LinkedHashSet<String>();
            wanted.keySet().forEach(hook -> objects.add(hook.object()));
            objects.forEach(object -> trial.tryObject(kernel, object, wanted));
        }
        return List.copyOf(trial.outcomes);
    }

    /** All hooks, each with what needs it. */
    private Map<Hook, Set<String>> wanted(boolean events) {
        var wanted = new LinkedHashMap<Hook, Set<String>>();
        LifeCycle.HOOKS.forEach(hook -> wanted.put(hook, new LinkedHashSet<>(Set.of("agent"))));
        for (var subject : subjects) {
            var hooks = new ArrayList<Hook>();
            subject.counters().forEach(counters -> hooks.addAll(counters.hooks()));
            if (events) {
                subject.events().forEach(source -> hooks.addAll(source.hooks()));
            }
            hooks.forEach(hook ->
                    wanted.computeIfAbsent(hook, h -> new LinkedHashSet<>()).add(subject.name()));
        }
        return wanted;
    }

    /** One object at a time, so that this needs no more memory than the agent. */
    private void tryObject(Kernel kernel, String name, Map<Hook, Set<String>> wanted) {
        BpfException refused = null;
        KernelObject object = null;
        try {
            object = kernel.open(
                    name,
                    subjects.stream().filter(s -> s.objects().contains(name)).toList());
        } catch (BpfException e) {
            refused = e;
        }
        for (var entry : wanted.entrySet()) {
            var hook = entry.getKey();
            if (hook.object().equals(name)) {
                var needs = List.copyOf(entry.getValue());
                outcomes.add(
                        refused == null
                                ? tryHook(object, hook, needs)
                                : new Outcome(hook.name(), needs, "", Remedy.of(refused)));
            }
        }
        kernel.close(name);
    }

    private Outcome tryHook(KernelObject object, Hook hook, List<String> needs) {
        var reasons = new StringJoiner("; ");
        BpfException last = null;
        for (var variant : hook.order(Hook.classicFirst(KernelVersion.running()))) {
            try (var program = object.collection().load(variant, types)) {
                requirePlace(program);
                return new Outcome(hook.name(), needs, variant, reasons.toString());
            } catch (BpfException e) {
                reasons.add(variant + ": " + e.getMessage());
                last = e;
            }
        }
        var advice = last == null ? "" : ". " + Remedy.advice(last);
        return new Outcome(hook.name(), needs, "", reasons + advice);
    }

    /** What attaching would find out about programs whose place the kernel does not look up when it verifies them. */
    private void requirePlace(BpfProgram program) {
        var spec = program.spec();
        switch (spec.type()) {
            case TRACEPOINT -> Tracefs.tracepointId(spec.target());
            case RAW_TRACEPOINT -> {
                if (!types.hasTracepoint(spec.target())) {
                    throw new BpfException(
                            Reason.NOT_FOUND, "find tracepoint " + spec.target(), "this kernel has no such tracepoint");
                }
            }
            case BTF_TRACEPOINT, FENTRY, FEXIT, KPROBE, KRETPROBE, PERF_EVENT, ITERATOR -> {
                // looked up by the kernel already, or present in all
            }
        }
    }
}
