// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.events.Scope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import jdk.jfr.Event;

/**
 * One subject, such as {@code files}: the events that it records, what it counts, what both need in the kernel, and how its records are decoded.
 *
 * <p>Methods whose signature names events are called only where the JVM has Flight Recorder. All are called by the control thread, except
 * {@link Rows#write} and {@link #ended}.
 */
public interface SubjectProbe {
    /** Name as in the option {@code probes}. */
    String name();

    /** The eBPF objects that hold its programs; subjects that share a hook share the object. */
    Set<String> objects();

    /** Its events that come through the ring; asked only where there is Flight Recorder. */
    List<EventSource> events();

    /** What it counts. */
    List<Counters> counters();

    /** Its periodic events; asked once, when Flight Recorder has been started. */
    default List<RowSource> rows() {
        return List.of();
    }

    /** Values for constants of one of its objects, and sizes of its maps, before it is opened. */
    default void configure(BpfObject object, BpfCollection.Builder builder) {}

    /** One of its objects is in the kernel: its maps and variables can be used until {@link #closing}. */
    default void opened(BpfCollection collection) {}

    /** A program of one of its objects is attached. */
    default void attached(Hook hook, BpfLink link) {}

    /** A program of one of its objects is about to be detached. */
    default void detaching(Hook hook) {}

    /** Tells the kernel side about settings that only this subject has; only where there is Flight Recorder. */
    default void apply(BpfCollection collection, EffectiveSettings settings) {}

    /**
     * Counting is about to begin, after a time without or since it is to begin anew: what was counted before goes.
     *
     * @param counters name of what is counted
     */
    default void counting(String counters, EventCounters events) {}

    /**
     * Counting has begun: all hooks of these counters are attached. One that was attached before counted from {@link #counting} on, the others
     * from some time later.
     *
     * @param counters name of what is counted
     */
    default void begun(String counters, EventCounters events) {}

    /**
     * A process ended, and all its records were read. Told while counters run that want to know; on the thread that drains the ring.
     */
    default void ended(ProcessEnds.End end) {}

    /** One of its objects is about to leave the kernel. */
    default void closing(String object) {}

    /**
     * Decoders of events that an object's programs send: name of the constant in {@code enum record_type} to decoder.
     *
     * @param subject its number, under which events are counted
     */
    Map<String, Decoder> decoders(String object, EventWriter writer, int subject);

    /** Decoders of records that are no events, likewise. */
    default Map<String, Decoder> listeners(String object, Layouts layouts) {
        return Map.of();
    }

    /**
     * An event that comes through the ring.
     *
     * @param type tells its class, which is loaded then and not before: see {@link RecorderSide#read}
     * @param record the constant of {@code enum record_type}
     * @param hooks what must be attached for it
     */
    record EventSource(Supplier<Class<? extends Event>> type, String record, List<Hook> hooks) {
        public EventSource {
            hooks = List.copyOf(hooks);
        }

        Class<? extends Event> event() {
            return type.get();
        }
    }

    /**
     * Counters in the kernel, which rows of a recording and an MBean are made from.
     *
     * @param name what readers ask for, unique among all subjects: the subject's name, or with a dot and what is counted behind it
     * @param flag the field of {@code struct counting} that switches them, in each object; several may share it; empty if there is none
     * @param hooks what must be attached for them
     * @param ends whether somebody has to be told of the ends of processes: to free their rows, or to show them
     */
    record Counters(String name, String flag, List<Hook> hooks, boolean ends) {
        public Counters {
            hooks = List.copyOf(hooks);
        }
    }

    /**
     * A periodic event.
     *
     * @param event its class
     * @param counters name of the counters that it is made from; empty if it needs none
     * @param rows writes what is due
     */
    record RowSource(Class<? extends Event> event, String counters, Rows rows) {}

    /** Writes rows of a recording; called by JFR's threads, maybe several at once. */
    interface Rows {
        /** Rows begin: from now on there is an interval. */
        void start();

        /** Nobody wants rows any more. */
        void stop();

        /**
         * Writes the rows that are due.
         *
         * @param scope whose rows: narrower than what is counted if somebody else wants more
         * @return how many
         */
        int write(Scope scope);
    }
}
