// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.Subject;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Behind {@code kernel:type=Agent}. Thread-safe. */
public final class AgentMonitor implements AgentMXBean, Monitor {
    private final AgentStatus status;
    private final OneLook<Map<Subject, AgentStatus.Events>> events;
    private final Rates rates = new Rates(4);

    public AgentMonitor(AgentStatus status) {
        this.status = status;
        this.events = new OneLook<>(status::events);
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return events.during(request);
    }

    @Override
    public String getVersion() {
        return status.version();
    }

    @Override
    public String getState() {
        return status.state().name();
    }

    @Override
    public String getStateReason() {
        return status.stateReason();
    }

    @Override
    public Map<String, ProbeRow> getProbes() {
        var rows = new LinkedHashMap<String, ProbeRow>();
        for (ProbeRow row : status.probes()) {
            rows.put(row.probe(), row);
        }
        return rows;
    }

    @Override
    public Map<String, String> getProbeStates() {
        return status.probeStates();
    }

    @Override
    public int getProbesAttached() {
        return Collections.frequency(status.probeStates().values(), "ATTACHED");
    }

    @Override
    public int getProbesFailed() {
        return Collections.frequency(status.probeStates().values(), "FAILED");
    }

    @Override
    public Map<String, EventRow> getEvents() {
        var rows = new LinkedHashMap<String, EventRow>();
        events.get()
                .forEach((subject, e) -> rows.put(
                        subject.toString(), new EventRow(e.produced(), e.recorded(), e.throttled(), e.lost())));
        return rows;
    }

    private long sum(ToLongFunction<AgentStatus.Events> kind) {
        return events.get().values().stream().mapToLong(kind).sum();
    }

    @Override
    public long getEventsProduced() {
        return sum(AgentStatus.Events::produced);
    }

    @Override
    public long getEventsRecorded() {
        return sum(AgentStatus.Events::recorded);
    }

    @Override
    public long getEventsThrottled() {
        return sum(AgentStatus.Events::throttled);
    }

    @Override
    public long getEventsLost() {
        return sum(AgentStatus.Events::lost);
    }

    @Override
    public double getEventsProducedPerSecond() {
        return rates()[0];
    }

    @Override
    public double getEventsRecordedPerSecond() {
        return rates()[1];
    }

    @Override
    public double getEventsThrottledPerSecond() {
        return rates()[2];
    }

    @Override
    public double getEventsLostPerSecond() {
        return rates()[3];
    }

    private double[] rates() {
        return rates.read(
                System.nanoTime(), getEventsProduced(), getEventsRecorded(), getEventsThrottled(), getEventsLost());
    }

    @Override
    public boolean isKernelTimestamps() {
        return status.kernelTimestamps();
    }

    @Override
    public String getJavaThreadsReason() {
        return status.javaThreadsReason();
    }

    @Override
    public String getScope() {
        return status.scope();
    }

    @Override
    public Date getCountingSince() {
        Instant since = status.since();
        return since == null ? null : Date.from(since);
    }

    @Override
    public void enable(String subject) {
        status.enable(subject(subject));
    }

    @Override
    public void disable(String subject) {
        status.disable(subject(subject));
    }

    private static Subject subject(String name) {
        for (Subject subject : Subject.values()) {
            if (subject.toString().equals(name)) {
                return subject;
            }
        }
        throw new IllegalArgumentException("no subject '" + name + "'; there are " + Arrays.toString(Subject.values()));
    }

    @Override
    public void reset() {
        rates.reset();
        status.reset();
    }

    @Override
    public void stop() {
        status.stop();
    }

    @Override
    public String show() {
        return during(() -> {
            String reason = getStateReason();
            return "Kernel Flight Recorder " + getVersion() + ": " + getState()
                    + (reason.isEmpty() ? "" : ", " + reason) + "\n"
                    + "  scope " + getScope() + ", events carry "
                    + (isKernelTimestamps() ? "the kernel's time" : "the time of reading") + "\n\n"
                    + probeTable() + "\n" + eventTable();
        });
    }

    private String probeTable() {
        var table = new TextTable("Probes", "probe", "subject", "variant", "state", ">runs", ">run time", "message");
        for (ProbeRow row : getProbes().values()) {
            table.row(
                    row.probe(),
                    row.subject(),
                    row.variant(),
                    row.state(),
                    count(row.runs()),
                    time(row.runTime()),
                    row.message());
        }
        return table.toString();
    }

    private String eventTable() {
        var table = new TextTable(
                "Events (" + rate(getEventsRecordedPerSecond()) + " recorded a second)",
                "subject",
                ">produced",
                ">recorded",
                ">throttled",
                ">lost");
        getEvents()
                .forEach((subject, row) -> table.row(
                        subject,
                        count(row.produced()),
                        count(row.recorded()),
                        count(row.throttled()),
                        count(row.lost())));
        return table.toString();
    }
}
