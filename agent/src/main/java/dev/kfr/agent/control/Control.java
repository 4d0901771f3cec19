// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.Remedy;
import dev.kfr.agent.control.SubjectProbe.Counters;
import dev.kfr.agent.control.SubjectProbe.EventSource;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.events.Scope;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Brings the kernel in line with what recordings and MBeans ask for: which programs are attached, what they filter, which counters run.
 *
 * <p>{@link #apply} compares what is wanted with what is, and does the difference; it is called after each change and does nothing where
 * there is none. For the control thread, except {@link #probes()}.
 */
final class Control {
    private final Kernel kernel;
    private final List<SubjectProbe> subjects;
    private final List<Hook> always;
    private final boolean events;
    private final boolean classicFirst;
    private final Listener listener;
    private final Map<Hook, Probe> probes = new LinkedHashMap<>();
    private final Set<String> announced = new HashSet<>();
    private volatile List<Probe> published = List.of();

    /** Told of what changes. */
    interface Listener {
        /** A probe's state changed. */
        void changed(ProbeStatusRow status);

        /** An object is in the kernel; its records are about to come. */
        void opened(String name, BpfObject object);

        /** All objects that are needed are in the kernel, and nothing of what is new has been switched on. */
        void prepared();

        /** All hooks that are wanted have been attached, as far as they can be. */
        void attached();
    }

    /**
     * @param always hooks that stay attached as long as the agent runs; all of the base object
     * @param events whether this JVM has Flight Recorder
     * @param classicFirst see {@link Probe}
     */
    Control(
            Kernel kernel,
            List<SubjectProbe> subjects,
            List<Hook> always,
            boolean events,
            boolean classicFirst,
            Listener listener) {
        this.kernel = kernel;
        this.subjects = List.copyOf(subjects);
        this.always = List.copyOf(always);
        this.events = events;
        this.classicFirst = classicFirst;
        this.listener = listener;
    }

    /** What is wanted. */
    interface Wanted {
        /** What recordings want. */
        EffectiveSettings settings();

        /** Whether they have been asked: until then no event's class is touched. */
        default boolean records() {
            return settings() != EffectiveSettings.NONE;
        }

        /** Whether a subject may have anything in the kernel. */
        boolean allows(SubjectProbe subject);

        /** Whether counters of a subject are to run, for rows or for its MBean. */
        boolean counters(SubjectProbe subject, Counters counters);

        /** Whose activity they count: a constant of {@code enum scope}. */
        int countingScope(SubjectProbe subject, Counters counters);
    }

    void apply(Wanted wanted) {
        var hooks = new LinkedHashSet<>(always);
        for (var subject : subjects) {
            for (var source : sources(subject)) {
                if (settings(wanted, subject, source).enabled()) {
                    hooks.addAll(source.hooks());
                }
            }
            for (var counters : subject.counters()) {
                if (wanted.counters(subject, counters)) {
                    hooks.addAll(counters.hooks());
                }
            }
        }
        open(hooks);
        listener.prepared();
        write(wanted);
        detachAllBut(hooks);
        attach(hooks);
        listener.attached();
        closeUnused();
    }

    private List<EventSource> sources(SubjectProbe subject) {
        return events ? subject.events() : List.of();
    }

    private static EventSettings settings(Wanted wanted, SubjectProbe subject, EventSource source) {
        return wanted.allows(subject) && wanted.records() ? wanted.settings().of(source.event()) : EventSettings.OFF;
    }

    /** Opens what the hooks need. What failed stays failed until nobody has wanted it for a time. */
    private void open(Set<Hook> hooks) {
        for (var hook : hooks) {
            var probe = probes.computeIfAbsent(hook, h -> new Probe(h, classicFirst));
            if (!announced.contains(hook.object()) && probe.status().state() == ProbeStatusRow.State.DETACHED) {
                try {
                    open(hook.object());
                } catch (BpfException e) {
                    close(hook.object());
                    hooks.stream()
                            .filter(other -> other.object().equals(hook.object()))
                            .forEach(other -> fail(other, e));
                }
            }
        }
    }

    private void open(String name) {
        var holders = subjectsOf(name);
        var object = kernel.open(name, holders);
        holders.forEach(subject -> subject.opened(object.collection()));
        listener.opened(name, object.collection().object());
        announced.add(name);
    }

    private void fail(Hook hook, BpfException cause) {
        var probe = probes.computeIfAbsent(hook, h -> new Probe(h, classicFirst));
        probe.fail(Remedy.of(cause));
        listener.changed(probe.status());
    }

    private List<SubjectProbe> subjectsOf(String object) {
        return subjects.stream().filter(s -> s.objects().contains(object)).toList();
    }

    private void write(Wanted wanted) {
        widen(wanted);
        for (var subject : subjects) {
            for (var source : sources(subject)) {
                var settings = settings(wanted, subject, source);
                openOf(source.hooks()).forEach(object -> object.apply(source.record(), settings));
            }
            if (events && wanted.records()) {
                openOf(subject).forEach(object -> subject.apply(object.collection(), wanted.settings()));
            }
        }
        var flags = Flag.read(subjects, wanted);
        kernel.objects().forEach(object -> flags.forEach((name, flag) -> flag.write(name, object)));
        narrow(wanted);
    }

    /** One switch of {@code struct counting}: wanted if any counters are that have it, and for the widest scope. */
    private record Flag(boolean on, int scope) {
        private static final Flag OFF = new Flag(false, Scope.JVM.ordinal());

        static Map<String, Flag> read(List<SubjectProbe> subjects, Wanted wanted) {
            var flags = new LinkedHashMap<String, Flag>();
            flags.put("ends", OFF);
            for (var subject : subjects) {
                for (var counters : subject.counters()) {
                    var flag = wanted.counters(subject, counters)
                            ? new Flag(true, wanted.countingScope(subject, counters))
                            : OFF;
                    if (!counters.flag().isEmpty()) {
                        flags.merge(counters.flag(), flag, Flag::or);
                    }
                    if (counters.ends()) {
                        flags.merge("ends", flag, Flag::or);
                    }
                }
            }
            return flags;
        }

        Flag or(Flag other) {
            return new Flag(on || other.on, Math.min(scope, other.scope));
        }

        void write(String name, KernelObject object) {
            object.count(name + "_scope", scope);
            object.count(name, on ? 1 : 0);
        }
    }

    private List<KernelObject> openOf(List<Hook> hooks) {
        return hooks.stream()
                .map(Hook::object)
                .distinct()
                .map(kernel::find)
                .filter(Objects::nonNull)
                .toList();
    }

    private List<KernelObject> openOf(SubjectProbe subject) {
        return subject.objects().stream()
                .map(kernel::find)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The widest scope of an object is what its programs ask for first: it grows before anything that needs it is switched on. */
    private void widen(Wanted wanted) {
        for (var object : kernel.objects()) {
            int now = object.count("widest_scope");
            object.count("widest_scope", Math.min(now, widest(object, wanted)));
        }
    }

    private void narrow(Wanted wanted) {
        for (var object : kernel.objects()) {
            object.count("widest_scope", widest(object, wanted));
        }
    }

    private int widest(KernelObject object, Wanted wanted) {
        int widest = Scope.JVM.ordinal();
        for (var subject : subjects) {
            for (var source : sources(subject)) {
                var settings = settings(wanted, subject, source);
                if (settings.enabled() && openOf(source.hooks()).contains(object)) {
                    widest = Math.min(widest, settings.scope().ordinal());
                }
            }
            for (var counters : subject.counters()) {
                if (wanted.counters(subject, counters)
                        && openOf(counters.hooks()).contains(object)) {
                    widest = Math.min(widest, wanted.countingScope(subject, counters));
                }
            }
        }
        return widest;
    }

    private void attach(Set<Hook> hooks) {
        KernelBtf types = null; // held from the first to the last program, and no longer
        for (var hook : hooks) {
            var probe = probes.computeIfAbsent(hook, h -> new Probe(h, classicFirst));
            if (probe.status().state() == ProbeStatusRow.State.DETACHED && announced.contains(hook.object())) {
                types = types == null ? typesIfReadable() : types;
                probe.attach(kernel.find(hook.object()).collection());
                if (probe.attached()) {
                    announce(probe);
                }
                listener.changed(probe.status());
            }
        }
        published = List.copyOf(probes.values());
        Reference.reachabilityFence(types);
    }

    /** Subjects may have to read what the kernel now tells. If they can't, this probe is of no use, and the others go on. */
    private void announce(Probe probe) {
        try {
            subjectsOf(probe.hook().object()).forEach(subject -> subject.attached(probe.hook(), probe.link()));
        } catch (BpfException e) {
            detach(probe);
            probe.fail(Remedy.of(e));
        }
    }

    /** Null if they can't be read: each program that needs them says so. */
    private static KernelBtf typesIfReadable() {
        try {
            return KernelBtf.ofRunningKernel();
        } catch (BpfException unreadable) {
            return null;
        }
    }

    private void detachAllBut(Set<Hook> hooks) {
        for (var probe : probes.values()) {
            if (!hooks.contains(probe.hook()) && probe.status().state() != ProbeStatusRow.State.DETACHED) {
                detach(probe);
                listener.changed(probe.status());
            }
        }
    }

    private void detach(Probe probe) {
        if (probe.attached()) {
            subjectsOf(probe.hook().object()).forEach(subject -> subject.detaching(probe.hook()));
        }
        probe.detach();
    }

    private void closeUnused() {
        var used = new HashSet<String>(Set.of(Kernel.BASE));
        for (var probe : probes.values()) {
            if (probe.attached()) {
                used.add(probe.hook().object());
            }
        }
        for (var name : new ArrayList<>(kernel.names())) {
            if (!used.contains(name)) {
                close(name);
            }
        }
    }

    private void close(String name) {
        announced.remove(name);
        subjectsOf(name).forEach(subject -> subject.closing(name));
        kernel.close(name);
    }

    /** Takes out of the kernel what {@link #apply} will bring back if it is wanted. */
    void closeAllButBase() {
        for (var probe : probes.values()) {
            if (!probe.hook().object().equals(Kernel.BASE)) {
                detach(probe);
            }
        }
        closeUnused();
    }

    /** Moves probes whose runs the kernel skips to a variant of which it doesn't. */
    void escapeSkippedRuns() {
        for (var probe : probes.values()) {
            if (probe.attached()
                    && probe.escapeSkippedRuns(
                            kernel.find(probe.hook().object()).collection())) {
                listener.changed(probe.status());
            }
        }
    }

    /** All probes that were ever needed; for any thread. */
    List<Probe> probes() {
        return published;
    }

    /** Detaches all programs; what they counted can still be read. */
    void detachAll() {
        detachAllBut(Set.of());
    }

    /** Takes everything out of the kernel. */
    void close() {
        try {
            detachAll();
        } finally {
            published = List.of();
            for (var name : new ArrayList<>(kernel.names())) {
                subjectsOf(name).forEach(subject -> subject.closing(name));
            }
            kernel.close();
        }
    }
}
