// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.control.ControlPlane;
import dev.kfr.agent.control.Demand;
import dev.kfr.agent.control.ProbeStatusRow;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.Watched;
import dev.kfr.agent.jmx.AgentMXBean;
import dev.kfr.agent.jmx.AgentMonitor;
import dev.kfr.agent.jmx.AgentStatus;
import dev.kfr.agent.jmx.MBeans;
import dev.kfr.agent.jmx.Notifications;
import dev.kfr.agent.memory.OutOfMemoryKills;
import dev.kfr.agent.processes.ExitRows;
import dev.kfr.agent.processes.OwnSignals;
import dev.kfr.agent.processes.RecentExits;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.Text;
import dev.kfr.bpf.BpfException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The agent from its start to its stop: the subjects, the control plane between kernel and recordings, and the MBeans.
 *
 * <p>Whatever fails here ends as a line in the log and a state of {@code kernel:type=Agent}; nothing is thrown. Thread-safe.
 */
public final class Session {
    private final Options options;
    private final boolean attached;
    private final RuntimeModules modules;
    private final Instant started = Instant.now();
    private final ControlPlane plane;
    private final Subjects subjects;
    private final SessionStatus status;
    private final RecentExits exits = new RecentExits();
    private final OutOfMemoryKills kills = new OutOfMemoryKills();
    private volatile Notifications notifications = Notifications.NONE;
    private Processes processes;
    private MBeans mbeans;

    Session(Options options, boolean attached, RuntimeModules modules) {
        this(options, attached, modules, Watched.SELF);
    }

    /**
     * Loads nothing yet.
     *
     * @param attached whether the JVM ran already
     * @param watched whose activity the scopes {@code jvm} and {@code container} mean
     */
    public Session(Options options, boolean attached, RuntimeModules modules, Watched watched) {
        this.options = options;
        this.attached = attached;
        this.modules = modules;
        var setup = new ControlPlane.Setup(
                options.ring(),
                options.processes(),
                options.scope(),
                Demand.Mode.valueOf(options.mbeans().name()),
                Demand.LASTING,
                modules.jfr(),
                attached,
                watched);
        this.plane = new ControlPlane(setup, new Events());
        this.subjects = new Subjects(options, plane, exits, kills);
        this.status = new SessionStatus(plane, options, modules, started);
    }

    /**
     * Loads, attaches and registers.
     *
     * @param done how the log says that this worked
     */
    public void start(String done) {
        try {
            plane.start(this::subjects);
            status.running();
            Log.info(done + ", version " + KernelFlightRecorder.version() + ", scope " + options.scope());
        } catch (BpfException e) {
            unavailable(Remedy.of(e));
        } catch (IllegalArgumentException e) {
            unavailable(e.getMessage());
        } catch (RuntimeException | Error e) {
            unavailable(e.toString());
        }
        try {
            registerMBeans();
        } catch (RuntimeException | Error e) {
            Log.warn("no MBeans: " + e);
        }
    }

    private void unavailable(String reason) {
        plane.close();
        status.unavailable(reason);
        Log.error("kernel events are not available, the service runs without them: " + reason);
    }

    private List<SubjectProbe> subjects(AgentIdentity identity, Processes known, EventCounters counters) {
        processes = known;
        return subjects.create(identity, known, counters);
    }

    private void registerMBeans() {
        var beans = new ArrayList<MBeans.Bean>();
        if (status.available() && options.mbeans() != Options.MBeans.OFF) {
            beans.addAll(subjects.beans());
        }
        // The last: clients take it for a sign that the others are there.
        beans.add(new MBeans.Bean("Agent", AgentMXBean.class, new AgentMonitor(status)));
        mbeans = MBeans.register(beans, attached);
        notifications = mbeans.notifications();
    }

    /** What the Agent MBean tells of it. */
    public AgentStatus status() {
        return status;
    }

    /** Returns when all is done that was asked for before, by recordings and readers of MBeans. */
    public void settle() throws InterruptedException {
        plane.settle();
    }

    /** Takes everything back. */
    public void stop() {
        status.stopped();
        try {
            if (mbeans != null) {
                mbeans.close();
            }
        } finally {
            plane.close();
        }
    }

    private final class Events implements ControlPlane.Listener {
        /** What failed and was told: probes of one object fail together. */
        private final Set<String> failures = ConcurrentHashMap.newKeySet();

        private boolean lossTold; // for the thread that drains the ring

        @Override
        public void probe(ProbeStatusRow row) {
            var what = "probe " + row.probe() + " " + row.state().name().toLowerCase(java.util.Locale.ROOT);
            if (row.state() == ProbeStatusRow.State.FAILED && failures.add(row.message())) {
                Log.warn(what + ": " + row.message());
            }
            var detail = row.variant().isEmpty() ? row.message() : row.variant();
            notifications.tell(Notifications.Kind.PROBE, Instant.now(), detail.isEmpty() ? what : what + ": " + detail);
        }

        @Override
        public void ended(ProcessEnds.End end) {
            exits.add(ExitRows.of(end, processes.of(end.process())));
        }

        @Override
        public void lost(String message) {
            if (!lossTold) {
                lossTold = true;
                Log.warn(message);
            }
            notifications.tell(Notifications.Kind.LOSS, Instant.now(), message);
        }

        @Override
        public void problem(String message) {
            Log.warn(message);
        }

        @Override
        public Map<String, Decoder> listeners(Layouts layouts, Text text) {
            return Map.of(
                    "RECORD_OWN_SIGNAL",
                    new OwnSignals(
                            layouts,
                            text,
                            message -> notifications.tell(Notifications.Kind.SIGNAL, Instant.now(), message)),
                    "RECORD_KILL_SEEN",
                    kills.decoder(
                            layouts,
                            text,
                            message ->
                                    notifications.tell(Notifications.Kind.OUT_OF_MEMORY_KILL, Instant.now(), message)));
        }
    }
}
