// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.ContainerSearch;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.BpfMap;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.PageSize;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the agent has in the kernel: the base object, which stays as long as the agent runs and owns the maps that all objects share, and
 * the objects of subjects that are needed right now. For the control thread.
 */
final class Kernel implements AutoCloseable {
    /** The object that holds the life-cycle programs, which are always attached. */
    static final String BASE = "processes";

    private static final List<String> SHARED = List.of(
            "ring", "ring_state", "event_counters", "thread_slots", "colliding_threads", "ended", "named_cgroups");

    private static final Map<String, BpfObject> PARSED = new HashMap<>();

    private final KernelObject base;
    private final Map<String, KernelObject> open = new LinkedHashMap<>();
    private int[] excluded = {};

    private Kernel(KernelObject base) {
        this.base = base;
        open.put(BASE, base);
    }

    /**
     * Creates the base object's maps and has the kernel say who this process is.
     *
     * @param ringBytes size of the ring buffer
     * @param self what this process knows of itself
     * @throws BpfException if this host, kernel or user can't do that
     */
    static Kernel open(int ringBytes, AgentIdentity self) {
        FreeDescriptors.require("start");
        var btf = KernelBtf.ofRunningKernel();
        var builder = BpfCollection.of(object(BASE))
                .maxEntries("ring", ringBytes)
                .maxEntries("event_counters", Cpus.possible())
                .constant("page_bytes", PageSize.bytes());
        FreeMemory.require("create map ring", builder.memory());
        var collection = builder.open();
        try {
            var object = new KernelObject(collection);
            object.identify(self.cgroupSubsystem(constant ->
                    (int) btf.enumValue("cgroup_subsys_id", constant).orElse(AgentIdentity.V2)));
            return new Kernel(object);
        } catch (RuntimeException e) {
            collection.close();
            throw e;
        }
    }

    /** An object as it was compiled: layouts and constants. */
    static synchronized BpfObject object(String name) {
        return PARSED.computeIfAbsent(name, Kernel::parse);
    }

    private static BpfObject parse(String name) {
        var architecture =
                switch (System.getProperty("os.arch")) {
                    case "amd64" -> "x86_64";
                    case "aarch64" -> "aarch64";
                    case String other ->
                        throw new BpfException(
                                Reason.NOT_SUPPORTED,
                                "load eBPF programs",
                                "there are none for " + other + "; x86-64 and AArch64 are supported");
                };
        var resource = "/bpf/" + architecture + "/" + name + ".bpf.o";
        try (var in = BpfObject.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new BpfException(Reason.NOT_FOUND, "load eBPF programs", "no " + resource + " in the jar");
            }
            return BpfObject.parse(name, in.readAllBytes());
        } catch (IOException e) {
            throw new BpfException(Reason.OTHER, "load eBPF programs", resource + ": " + e.getMessage(), e);
        }
    }

    /**
     * Sets whose activity the scopes {@code jvm} and {@code container} mean; before other objects are opened.
     *
     * @throws IllegalArgumentException if there is no such process or container; the message is for the user
     */
    void watch(Watched watched, AgentIdentity identity) {
        switch (watched) {
            case Watched.Self() -> {
                // what the kernel side begins with
            }
            case Watched.OtherProcess(int pid) -> base.watch(hostNumber(pid));
            case Watched.OtherContainer(String name) -> {
                var found = ContainerSearch.in(identity).find(name);
                if (!base.watchContainer(hostNumber(found.pid()), found.level())) {
                    throw new IllegalArgumentException("container " + name + " has just ended");
                }
            }
        }
    }

    private int hostNumber(int pid) {
        if (base.pidNamespaceLevel() == 0) {
            return pid;
        }
        var numbers = base.hostNumbers(new int[] {pid});
        if (numbers.length == 0) {
            throw new IllegalArgumentException("there is no process " + pid);
        }
        return numbers[0];
    }

    KernelObject base() {
        return base;
    }

    /** A map that all objects share. */
    BpfMap shared(String name) {
        return base.collection().map(name);
    }

    /** An object that is open; null if it is not. */
    KernelObject find(String name) {
        return open.get(name);
    }

    /** Opens an object, or returns the one that is open. */
    KernelObject open(String name, Iterable<SubjectProbe> subjects) {
        var known = open.get(name);
        if (known != null) {
            return known;
        }
        FreeDescriptors.require("load " + name);
        var object = object(name);
        var builder = BpfCollection.of(object);
        for (var map : SHARED) {
            if (object.maps().containsKey(map)) {
                builder.share(shared(map));
            }
        }
        if (object.variables().containsKey("cpus")) {
            builder.constant("cpus", Cpus.possible());
        }
        for (var subject : subjects) {
            subject.configure(object, builder);
        }
        FreeMemory.require("create the maps of " + name, builder.memory());
        var collection = builder.open();
        try {
            if (name.equals(SyscallHooks.OBJECT)) {
                forgetCalls();
            }
            var opened = new KernelObject(collection);
            opened.identity(base.identity());
            open.put(name, opened);
            return opened;
        } catch (RuntimeException e) {
            collection.close();
            throw e;
        }
    }

    /**
     * Forgets which calls threads were in when the programs that watch calls were last detached: with those programs back, a call that has
     * long ended would seem to last until now.
     */
    private void forgetCalls() {
        shared("thread_slots").memory().fill((byte) 0);
        shared("colliding_threads").clear();
    }

    /** Takes an object out of the kernel; not the base. */
    void close(String name) {
        if (!name.equals(BASE)) {
            var object = open.remove(name);
            if (object != null) {
                object.close();
            }
        }
    }

    Iterable<KernelObject> objects() {
        return open.values();
    }

    /**
     * Sets which threads of this process are left alone, in all objects.
     *
     * @param tids their ids in the process's own pid namespace
     */
    void exclude(int[] tids) {
        if (Arrays.equals(tids, excluded)) {
            return; // each object was opened with what the base knows
        }
        var numbers = base.pidNamespaceLevel() == 0 ? tids : base.hostNumbers(tids);
        for (var object : open.values()) {
            object.exclude(numbers);
        }
        excluded = tids;
    }

    /** Closes all objects, the base last. */
    @Override
    public void close() {
        for (var object : List.copyOf(open.values()).reversed()) {
            object.close();
        }
        open.clear();
    }

    /** Names of the objects that are open. */
    Set<String> names() {
        return open.keySet();
    }
}
