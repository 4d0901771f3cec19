// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.events.Scope;
import java.util.List;
import java.util.Map;
import jdk.jfr.Event;

/**
 * One subject, such as {@code files}: the events that it records, what they need in the kernel, and how its records are decoded.
 *
 * <p>Methods whose signature names events are called only where the JVM has Flight Recorder. All are called by the control thread, except
 * {@link Rows#write}.
 */
public interface SubjectProbe {
    /** Name as in the option {@code probes}. */
    String name();

    /** The eBPF object that holds its programs; subjects that share a hook share the object. */
    String object();

    /** Its events that come through the ring. */
    List<EventSource> events();

    /** Its counters. */
    Counters counters();

    /** The periodic event that is made from its counters; null if there is none. */
    Class<? extends Event> rowEvent();

    /** Writes what is due of {@link #rowEvent}. */
    Rows rows();

    /** Values for constants of the eBPF object, and sizes of its maps, before it is opened. */
    default void configure(BpfObject object, BpfCollection.Builder builder) {}

    /** The object is in the kernel: its maps and variables can be used until {@link #closing}. */
    default void opened(BpfCollection collection) {}

    /** Tells the kernel side about settings that only this subject has; only where there is Flight Recorder. */
    default void apply(BpfCollection collection, EffectiveSettings settings) {}

    /** Counting is about to begin, after a time without or since it is to begin anew: what was counted before goes. */
    default void counting(EventCounters counters) {}

    /** The object is about to leave the kernel. */
    default void closing() {}

    /**
     * Decoders of its events: name of the constant in {@code enum record_type} to decoder.
     *
     * @param subject its number, under which events are counted
     */
    Map<String, Decoder> decoders(EventWriter writer, int subject);

    /** Decoders of its records that are no events, likewise. */
    default Map<String, Decoder> listeners(Layouts layouts) {
        return Map.of();
    }

    /**
     * An event that comes through the ring.
     *
     * @param event its class
     * @param record the constant of {@code enum record_type}
     * @param hooks what must be attached for it
     */
    record EventSource(Class<? extends Event> event, String record, List<Hook> hooks) {
        public EventSource {
            hooks = List.copyOf(hooks);
        }
    }

    /**
     * Counters in the kernel, which rows of a recording and an MBean are made from.
     *
     * @param flag the field of {@code struct counting} that switches them
     * @param hooks what must be attached for them
     * @param ends whether somebody has to be told of the ends of processes: to free their rows, or to show them
     */
    record Counters(String flag, List<Hook> hooks, boolean ends) {
        public Counters {
            hooks = List.copyOf(hooks);
        }
    }

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
