// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.CgroupPath;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.StructLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * An eBPF object whose maps are in the kernel, and the variables through which programs are told what to do. They are mapped: a change is
 * seen by the next run of a program, without a system call. For the control thread.
 */
final class KernelObject implements AutoCloseable {
    private static final String IDENTIFY = "identify";
    private static final String NUMBER_THREADS = "number_threads";
    private static final String WATCH_CONTAINER = "watch_container";

    /** The one bit of {@code event_settings.option}; what it means depends on the event. */
    private static final int OPTION = 1;

    private final BpfCollection collection;
    private final Variable identity;
    private final Variable counting;
    private final MemorySegment settings;
    private final StructLayout setting;

    /** A variable that is a struct. */
    private record Variable(MemorySegment memory, StructLayout layout) {
        static Variable of(BpfCollection collection, String name, String struct) {
            return new Variable(
                    collection.global(name).memory(), collection.object().struct(struct));
        }

        /** Seen by programs on other CPUs in the order of calls. */
        void set(String field, int value) {
            ValueLayout.JAVA_INT
                    .varHandle()
                    .setVolatile(memory, (long) layout.field(field).offset(), value);
        }

        void setLong(String field, long value) {
            ValueLayout.JAVA_LONG
                    .varHandle()
                    .setVolatile(memory, (long) layout.field(field).offset(), value);
        }

        int get(String field) {
            return memory.get(ValueLayout.JAVA_INT, layout.field(field).offset());
        }

        long getLong(String field) {
            return memory.get(ValueLayout.JAVA_LONG, layout.field(field).offset());
        }
    }

    KernelObject(BpfCollection collection) {
        this.collection = collection;
        this.identity = Variable.of(collection, "identity", "identity");
        this.counting = Variable.of(collection, "counting", "counting");
        this.settings = collection.global("settings").memory();
        this.setting = collection.object().struct("event_settings");
    }

    BpfCollection collection() {
        return collection;
    }

    /** Has the kernel say who this process is, by a program that runs once, in this thread's context. */
    void identify(int cgroupSubsystem) {
        identity.set("cgroup_subsystem", cgroupSubsystem);
        try (var program = collection.load(IDENTIFY)) {
            program.run();
        }
    }

    /** The kernel's answer. */
    MemorySegment identity() {
        return identity.memory();
    }

    /** Takes over the answer that another object got. */
    void identity(MemorySegment known) {
        identity.memory().copyFrom(known);
    }

    /** What a process knows of itself, with the kernel's answer. */
    AgentIdentity completed(AgentIdentity self) {
        return self.withHostPid(ownPid(), pidNamespaceLevel()).withCgroup(cgroup(), cgroupPath());
    }

    /** This process in the initial pid namespace. */
    int ownPid() {
        return identity.get("pid");
    }

    /** How deep this process's pid namespace is, 0: the initial one. */
    int pidNamespaceLevel() {
        return identity.get("pid_namespace_level");
    }

    /** Id of this process's cgroup. */
    long cgroup() {
        return identity.getLong("cgroup");
    }

    /** Where that is, from the root of its hierarchy. */
    String cgroupPath() {
        return CgroupPath.of(
                collection.global("own_cgroup").memory(), 0, collection.object().struct("cgroup_path"));
    }

    /**
     * Has the kernel say which numbers threads of this process have in the initial pid namespace.
     *
     * @param tids their numbers in the process's own pid namespace
     */
    int[] hostNumbers(int[] tids) {
        var numbers = collection.global("thread_numbers").memory();
        numbers.fill((byte) 0);
        int count = (int) Math.min(tids.length, numbers.byteSize() / Integer.BYTES);
        MemorySegment.copy(tids, 0, numbers, ValueLayout.JAVA_INT, 0, count);
        try (var program = collection.load(NUMBER_THREADS)) {
            program.run();
        }
        return Arrays.stream(numbers.toArray(ValueLayout.JAVA_INT))
                .limit(count)
                .filter(number -> number != 0)
                .toArray();
    }

    /**
     * Has the scope {@code jvm} mean a process.
     *
     * @param pid of the initial pid namespace
     */
    void watch(int pid) {
        identity.set("watched", pid);
    }

    /**
     * Has the scope {@code container} mean the cgroup of a process, or one above it, with all below that.
     *
     * @param pid of the initial pid namespace
     * @param level of the cgroup in its hierarchy, 0: the root
     * @return false if there is no such process any more
     */
    boolean watchContainer(int pid, int level) {
        collection.global("container_pid").set(pid);
        collection.global("container_level").set(level);
        try (var program = collection.load(WATCH_CONTAINER)) {
            return program.run() == 0;
        }
    }

    /** Sets which threads of this process, by their ids of the initial pid namespace, are left alone. */
    void exclude(int[] tids) {
        int offset = identity.layout.field("excluded").offset();
        int room = identity.layout.field("excluded").elements();
        var kept = Arrays.copyOf(tids, Math.min(tids.length, room));
        identity.set("excluded_threads", 0);
        MemorySegment.copy(kept, 0, identity.memory, ValueLayout.JAVA_INT, offset, kept.length);
        identity.set("excluded_threads", kept.length);
    }

    /** Tells the kernel side what is to be done about one type of event, by the constant's name in {@code enum record_type}. */
    void apply(String record, EventSettings wanted) {
        var event = new Variable(settings.asSlice(recordType(record) * (long) setting.size(), setting.size()), setting);
        if (wanted.enabled()) {
            event.set("scope", wanted.scope().ordinal());
            event.setLong("threshold", wanted.threshold());
            event.set("rate", wanted.rate());
            event.setLong("period", wanted.ratePeriod());
            event.set("option", wanted.waiting() || wanted.arguments() ? OPTION : 0);
        }
        event.set("enabled", wanted.enabled() ? 1 : 0); // last: what it reads by then is complete
    }

    private int recordType(String record) {
        return Math.toIntExact(collection.object().enumValue("record_type", record));
    }

    /** A variable of {@code struct counting}. */
    int count(String field) {
        return counting.get(field);
    }

    /** Sets a variable of {@code struct counting}. */
    void count(String field, int value) {
        counting.set(field, value);
    }

    @Override
    public void close() {
        collection.close();
    }
}
