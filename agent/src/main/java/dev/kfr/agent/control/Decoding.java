// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Delivery;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.RecordReader;
import dev.kfr.agent.record.Surroundings;
import dev.kfr.bpf.BpfObject;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells the thread that drains the ring who decodes which records, each time an object comes into the kernel. For the control thread.
 */
final class Decoding {
    private static final int NO_EVENT = -1;
    private static final String PROCESSES = "processes";

    private final RecordReader reader;
    private final List<SubjectProbe> subjects;
    private final List<String> names;
    private final Surroundings surroundings;
    private final Delivery delivery;
    private final boolean events;

    /**
     * @param names of all subjects, in the order of {@code enum subject}
     * @param events whether this JVM has Flight Recorder
     */
    Decoding(
            RecordReader reader,
            List<SubjectProbe> subjects,
            List<String> names,
            Surroundings surroundings,
            Delivery delivery,
            boolean events) {
        this.reader = reader;
        this.subjects = List.copyOf(subjects);
        this.names = List.copyOf(names);
        this.surroundings = surroundings;
        this.delivery = delivery;
        this.events = events;
    }

    /** Installs what subjects know of an object's records. */
    void install(String name, BpfObject object, Layouts layouts) {
        var writer = events ? new EventWriter(layouts, surroundings, delivery) : null;
        for (var subject : subjects) {
            if (!subject.objects().contains(name)) {
                continue;
            }
            listen(object, subject.listeners(name, layouts));
            if (events) {
                int number = names.indexOf(subject.name());
                subject.decoders(name, writer, number)
                        .forEach((type, decoder) -> reader.decoder(number(object, type), number, decoder));
            }
        }
    }

    /** Installs decoders of records that are no events. */
    void listen(BpfObject object, Map<String, Decoder> decoders) {
        decoders.forEach((type, decoder) -> reader.decoder(number(object, type), NO_EVENT, decoder));
    }

    /** The end of a process frees what is kept of it, whether an event tells of it or not; after {@link #install}. */
    void installEnds(BpfObject object, Layouts layouts, Consumer<ProcessEnds.End> listener) {
        var ends = new ProcessEnds(layouts, surroundings.text(), List.of(listener));
        reader.decoder(number(object, "RECORD_PROCESS_ENDED"), NO_EVENT, ends);
        int exit = number(object, "RECORD_PROCESS_EXIT");
        var event = reader.decoder(exit);
        Decoder both = record -> {
            ends.decode(record);
            event.decode(record);
        };
        reader.decoder(exit, names.indexOf(PROCESSES), event == null ? ends : both);
    }

    private static int number(BpfObject object, String type) {
        return Math.toIntExact(object.enumValue("record_type", type));
    }
}
