// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.control.ControlPlane;
import dev.kfr.agent.control.ProbeStatusRow;
import dev.kfr.agent.jmx.AgentMXBean.ProbeRow;
import dev.kfr.agent.jmx.AgentStatus;
import dev.kfr.events.EventTimes;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** What {@code kernel:type=Agent} tells of a session. Thread-safe. */
final class SessionStatus implements AgentStatus {
    private final ControlPlane plane;
    private final Options options;
    private final RuntimeModules modules;
    private volatile Instant since;
    private volatile State state = State.UNAVAILABLE;
    private volatile String reason = "starting";
    private volatile Optional<String> hidden = Optional.empty();
    private volatile Map<Subject, Events> base = Map.of();

    SessionStatus(ControlPlane plane, Options options, RuntimeModules modules, Instant since) {
        this.plane = plane;
        this.options = options;
        this.modules = modules;
        this.since = since;
    }

    void running() {
        hidden = HiddenProcesses.reason(Path.of("/proc"));
        hidden.ifPresent(Log::warn);
        reason = "";
        state = State.RUNNING;
    }

    void unavailable(String why) {
        reason = why;
        state = State.UNAVAILABLE;
    }

    void stopped() {
        reason = "the agent was stopped";
        state = State.STOPPED;
    }

    /** Whether anything of the kernel can be seen. */
    boolean available() {
        return state == State.RUNNING;
    }

    @Override
    public String version() {
        return KernelFlightRecorder.version();
    }

    @Override
    public State state() {
        return state == State.RUNNING && !missing().isEmpty() ? State.DEGRADED : state;
    }

    @Override
    public String stateReason() {
        return state == State.RUNNING ? missing() : reason;
    }

    /** What does not work although the agent runs. */
    private String missing() {
        var missing = new StringJoiner("; ");
        modules.complaint().ifPresent(missing::add);
        var failed = new LinkedHashMap<String, List<String>>();
        for (var probe : plane.statuses()) {
            if (probe.state() == ProbeStatusRow.State.FAILED || probe.mayMissRuns()) {
                failed.computeIfAbsent(probe.message(), m -> new ArrayList<>()).add(probe.probe());
            }
        }
        failed.forEach((message, probes) -> missing.add("probe " + String.join(", ", probes) + ": " + message));
        if (!plane.measurementProblem().isEmpty()) {
            missing.add(plane.measurementProblem());
        }
        hidden.ifPresent(missing::add);
        return missing.toString();
    }

    @Override
    public List<ProbeRow> probes() {
        return plane.measured().stream()
                .map(probe -> new ProbeRow(
                        probe.status().probe(),
                        probe.status().subject(),
                        probe.status().variant(),
                        probe.status().state().name(),
                        probe.status().message(),
                        probe.runs(),
                        probe.runTime(),
                        probe.skipped()))
                .toList();
    }

    @Override
    public Map<String, String> probeStates() {
        var states = new LinkedHashMap<String, String>();
        for (var probe : plane.statuses()) {
            states.put(probe.probe(), probe.state().name());
        }
        return states;
    }

    @Override
    public Map<Subject, Events> events() {
        var events = new LinkedHashMap<Subject, Events>();
        total().forEach((subject, now) -> {
            var then = base.getOrDefault(subject, new Events(0, 0, 0, 0));
            events.put(
                    subject,
                    new Events(
                            now.produced() - then.produced(),
                            now.recorded() - then.recorded(),
                            now.throttled() - then.throttled(),
                            now.lost() - then.lost()));
        });
        return events;
    }

    private Map<Subject, Events> total() {
        var events = new LinkedHashMap<Subject, Events>();
        if (!available()) {
            return events;
        }
        var names = plane.subjectNames();
        for (var subject : options.probes()) {
            int index = names.indexOf(subject.toString());
            if (index >= 0 && plane.demand(subject.toString()) != null) {
                // in this order: what is produced meanwhile is on its way and neither recorded nor lost
                long recorded = plane.delivery().recorded(index);
                long lost = plane.delivery().unwanted(index)
                        + plane.delivery().failed(index)
                        + plane.counters().lost(index);
                long throttled = plane.counters().throttled(index);
                long tooShort = plane.delivery().tooShort(index);
                long produced = plane.counters().produced(index) - tooShort;
                events.put(subject, new Events(produced, recorded, throttled, lost));
            }
        }
        return events;
    }

    @Override
    public boolean kernelTimestamps() {
        return modules.jfr() && EventTimes.supported();
    }

    @Override
    public String javaThreadsReason() {
        return plane.javaThreadsReason();
    }

    @Override
    public String scope() {
        return options.scope().toString();
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public void enable(Subject subject) {
        plane.enable(subject.toString(), true);
    }

    @Override
    public void disable(Subject subject) {
        plane.enable(subject.toString(), false);
    }

    @Override
    public void reset() {
        base = total();
        since = Instant.now();
        plane.reset();
    }

    @Override
    public void stop() {
        DaemonThread.of("kfr-stop", KernelFlightRecorder::stop).start();
    }
}
