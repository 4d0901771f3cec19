// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.control.ControlPlane;
import dev.kfr.agent.control.Demand;
import dev.kfr.agent.control.ProbeStatusRow;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.files.FileCounters;
import dev.kfr.agent.files.FilesMXBean;
import dev.kfr.agent.files.FilesMonitor;
import dev.kfr.agent.files.FilesProbe;
import dev.kfr.agent.jmx.AgentMXBean;
import dev.kfr.agent.jmx.AgentMonitor;
import dev.kfr.agent.jmx.MBeans;
import dev.kfr.agent.jmx.Notifications;
import dev.kfr.agent.processes.ExitRows;
import dev.kfr.agent.processes.OwnSignals;
import dev.kfr.agent.processes.ProcessesMXBean;
import dev.kfr.agent.processes.ProcessesMonitor;
import dev.kfr.agent.processes.ProcessesProbe;
import dev.kfr.agent.processes.RecentExits;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.Text;
import dev.kfr.agent.syscalls.SyscallNames;
import dev.kfr.agent.syscalls.SyscallsMXBean;
import dev.kfr.agent.syscalls.SyscallsMonitor;
import dev.kfr.agent.syscalls.SyscallsProbe;
import dev.kfr.bpf.BpfException;
import dev.kfr.events.Scope;
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
final class Session {
    private final Options options;
    private final boolean attached;
    private final RuntimeModules modules;
    private final Instant started = Instant.now();
    private final ControlPlane plane;
    private final SessionStatus status;
    private final RecentExits exits = new RecentExits();
    private volatile Notifications notifications = Notifications.NONE;
    private SyscallsProbe syscalls;
    private FilesProbe files;
    private Processes processes;
    private MBeans mbeans;

    Session(Options options, boolean attached, RuntimeModules modules) {
        this.options = options;
        this.attached = attached;
        this.modules = modules;
        var setup = new ControlPlane.Setup(
                options.ring(),
                options.processes(),
                options.scope(),
                Demand.Mode.valueOf(options.mbeans().name()),
                Demand.LASTING,
                modules.jfr());
        this.plane = new ControlPlane(setup, new Events());
        this.status = new SessionStatus(plane, options, modules, started);
    }

    /**
     * Loads, attaches and registers.
     *
     * @param done how the log says that this worked
     */
    void start(String done) {
        try {
            plane.start(this::subjects);
            status.running();
            Log.info(done + ", version " + KernelFlightRecorder.version() + ", scope " + options.scope());
        } catch (BpfException e) {
            unavailable(Remedy.of(e));
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
        var names = SyscallNames.ofThisMachine();
        syscalls = new SyscallsProbe(options.processes(), known, names);
        files = new FilesProbe(options.processes(), known, names::name);
        var all = List.of(syscalls, files, new ProcessesProbe());
        tellOfMissing(all);
        return all.stream()
                .filter(probe -> options.probes().stream().anyMatch(subject -> isOf(probe, subject)))
                .toList();
    }

    private static boolean isOf(SubjectProbe probe, Subject subject) {
        return probe.name().equals(subject.toString());
    }

    /** A subject that was asked for by name and does not exist yet must not be missed in silence. */
    private void tellOfMissing(List<SubjectProbe> all) {
        if (options.probes().size() == Subject.values().length) {
            return;
        }
        for (var subject : options.probes()) {
            if (all.stream().noneMatch(probe -> isOf(probe, subject))) {
                Log.warn("probes=" + subject + " has no effect: this version has no probes for it");
            }
        }
    }

    private void registerMBeans() {
        var beans = new ArrayList<MBeans.Bean>();
        beans.add(new MBeans.Bean("Agent", AgentMXBean.class, new AgentMonitor(status)));
        if (status.available() && options.mbeans() != Options.MBeans.OFF) {
            addCounters(beans);
        }
        mbeans = MBeans.register(beans, attached);
        notifications = mbeans.notifications();
    }

    private void addCounters(List<MBeans.Bean> beans) {
        if (options.probes().contains(Subject.SYSCALLS)) {
            var counters = new DemandedCounters<>(plane.demand("syscalls"), syscalls::table);
            beans.add(new MBeans.Bean(
                    "Syscalls",
                    SyscallsMXBean.class,
                    new SyscallsMonitor(counters, processes, SyscallNames.ofThisMachine(), plane::identity)));
        }
        if (options.probes().contains(Subject.FILES)) {
            var counters = new DemandedCounters<>(plane.demand("files"), this::fileCounters);
            beans.add(
                    new MBeans.Bean("Files", FilesMXBean.class, new FilesMonitor(counters, processes, files.names())));
        }
        if (options.probes().contains(Subject.PROCESSES)) {
            var counters = new DemandedCounters<>(plane.demand("processes"), plane::counters);
            beans.add(new MBeans.Bean(
                    "Processes", ProcessesMXBean.class, new ProcessesMonitor(counters, exits, seesAllProcesses())));
        }
    }

    private boolean seesAllProcesses() {
        return options.scope() == Scope.HOST && plane.identity().inInitialPidNamespace();
    }

    private FileCounters fileCounters() {
        var table = files.table();
        return table == null ? null : new FileCounters(table, plane.counters());
    }

    /** Takes everything back. */
    void stop() {
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
            if (syscalls != null) {
                syscalls.ended(end.process());
            }
            if (files != null) {
                files.ended(end.process());
            }
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
                            message -> notifications.tell(Notifications.Kind.SIGNAL, Instant.now(), message)));
        }
    }
}
