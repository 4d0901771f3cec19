// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.control.LifeCycle;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.events.processes.ProcessExit;
import dev.kfr.events.processes.ProcessStart;
import dev.kfr.events.processes.Signal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Processes: started, ended, and the signals that they get. */
public final class ProcessesProbe implements SubjectProbe {
    @Override
    public String name() {
        return "processes";
    }

    @Override
    public Set<String> objects() {
        return Set.of(LifeCycle.OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> ProcessStart.class, "RECORD_PROCESS_START", List.of(LifeCycle.EXEC)),
                new EventSource(() -> ProcessExit.class, "RECORD_PROCESS_EXIT", List.of(LifeCycle.EXIT)),
                new EventSource(() -> Signal.class, "RECORD_SIGNAL", List.of(LifeCycle.SIGNAL)));
    }

    @Override
    public List<Counters> counters() {
        return List.of(
                new Counters("processes", "processes", List.of(LifeCycle.FORK, LifeCycle.EXEC, LifeCycle.EXIT), true));
    }

    @Override
    public void counting(String counters, EventCounters events) {
        events.clearProcesses();
    }

    /** Ends are seen all the time, forks not: they would be one behind the other. */
    @Override
    public void begun(String counters, EventCounters events) {
        events.clearProcesses();
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var decoders = new ProcessDecoders(writer, subject);
        return Map.of(
                "RECORD_PROCESS_START", decoders.start(),
                "RECORD_PROCESS_EXIT", decoders.exit(),
                "RECORD_SIGNAL", decoders.signal());
    }
}
