// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.DaemonThread;
import dev.kfr.agent.Subject;
import dev.kfr.agent.control.SubjectProbe.Counters;
import dev.kfr.agent.control.SubjectProbe.EventSource;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.CgroupSeen;
import dev.kfr.agent.record.Containers;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Delivery;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.JavaThreads;
import dev.kfr.agent.record.KernelClock;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.ProcessSeen;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.RecordReader;
import dev.kfr.agent.record.Surroundings;
import dev.kfr.agent.record.Text;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.RingBuffer;
import dev.kfr.bpf.linux.KernelVersion;
import dev.kfr.events.Scope;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps the kernel in line with what recordings and readers of MBeans want, on one thread of its own that sleeps while nothing changes.
 *
 * <p>Everything that changes the kernel happens on that thread; methods here may be called from any.
 */
public final class ControlPlane implements AutoCloseable {
    private static final long RESET_SECONDS = 5;
    private static final long CHECK_SKIPPED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long READERS_MEASURE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /**
     * What the control plane is to do.
     *
     * @param ringBytes size of the ring buffer
     * @param processes how many processes are to be remembered
     * @param scope whose activity counters count, and events record whose settings do not say
     * @param counters when the counters behind MBeans run
     * @param readersLast how long they run after the last read, {@link Demand#LASTING}
     * @param events whether this JVM has Flight Recorder
     * @param attached whether this JVM ran already
     * @param watched whose activity the scopes {@code jvm} and {@code container} mean
     */
    public record Setup(
            int ringBytes,
            int processes,
            Scope scope,
            Demand.Mode counters,
            Duration readersLast,
            boolean events,
            boolean attached,
            Watched watched) {}

    /** Makes the subjects, once it is known who this process is. */
    @FunctionalInterface
    public interface Subjects {
        List<SubjectProbe> create(AgentIdentity identity, Processes processes, EventCounters counters);
    }

    /** Told of what happens, on the control thread or the thread that reads records. */
    public interface Listener {
        /** A probe's state changed. */
        void probe(ProbeStatusRow status);

        /** A process ended. */
        void ended(ProcessEnds.End end);

        /** Records were lost; a sentence for the operator. */
        void lost(String message);

        /** Something failed that does no harm to the rest; a sentence for the log. */
        void problem(String message);

        /** Decoders of records of other kinds: name of the constant in {@code enum record_type} to decoder. */
        Map<String, Decoder> listeners(Layouts layouts, Text text);
    }

    private final Setup setup;
    private final Listener listener;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Map<String, Demand> demands = new ConcurrentHashMap<>();
    private final Set<String> disabled = ConcurrentHashMap.newKeySet();
    private final Set<String> problems = ConcurrentHashMap.newKeySet();
    private final Measurement measurement = new Measurement(this::cannotMeasure);

    private Kernel kernel;
    private Control control;
    private RecordReader reader;
    private JavaThreads threads;
    private Processes processes;
    private EventCounters counters;
    private Delivery delivery;
    private Surroundings surroundings;
    private AgentIdentity identity;
    private List<String> subjectNames = List.of();
    private List<SubjectProbe> subjects = List.of();
    private Decoding decoding;
    private RecorderSide recorder;
    private Wanted wanted;
    private final OwnThreads ownThreads = new OwnThreads();
    private Future<?> demandEnds;
    private Future<?> measurementEnds;
    private Future<?> skippedCheck;

    public ControlPlane(Setup setup, Listener listener) {
        this.setup = setup;
        this.listener = listener;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> DaemonThread.of(OwnThreads.CONTROL, task));
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Loads what is always loaded, and begins to follow recordings. Called once; after a failure {@link #close} cleans up.
     *
     * @throws dev.kfr.bpf.BpfException if this host, kernel or user can't do that
     */
    public void start(Subjects factory) {
        executor.prestartCoreThread();
        var self = AgentIdentity.ofThisProcess();
        kernel = Kernel.open(setup.ringBytes(), self);
        var base = kernel.base();
        identity = base.completed(self);
        kernel.watch(setup.watched(), identity);
        var object = base.collection().object();
        subjectNames = names(object);
        delivery = new Delivery(subjectNames.size());
        counters = new EventCounters(kernel.shared("event_counters").memory(), object.struct("event_counters"));
        var containers = new Containers(identity);
        processes = new Processes(setup.processes(), identity, containers);
        threads = JavaThreads.open();
        var clock = setup.events() ? new KernelClock() : null;
        surroundings =
                new Surroundings(clock, new Text(), threads, containers, base.ownPid(), base.pidNamespaceLevel() > 0);
        reader = reader(object, clock);
        processes.recordsOnTheirWay(reader::catchUp);
        subjects = List.copyOf(factory.create(identity, processes, counters));
        for (var subject : subjects) {
            for (var counted : subject.counters()) {
                demands.put(counted.name(), new Demand(setup.counters(), setup.readersLast(), this::wake));
            }
        }
        decoding = new Decoding(reader, subjects, subjectNames, surroundings, delivery, setup.events());
        control = new Control(
                kernel,
                subjects,
                LifeCycle.HOOKS,
                setup.events(),
                Hook.classicFirst(KernelVersion.running()),
                new ControlListener());
        wanted = new Wanted();
        reader.start();
        if (setup.events()) {
            startRecorder(clock);
        }
        base.count("own_signals", 1);
        base.count("kills_scope", setup.scope().ordinal());
        base.count("kills", 1);
        DaemonThread.listener(() -> submit(this::leaveOwnThreadsAlone));
        reconcile();
    }

    private void startRecorder(KernelClock clock) {
        recorder = new RecorderSide(
                setup.scope(),
                setup.attached(),
                this::wake,
                clock,
                reader,
                subjects,
                new LossRows(subjectNames, counters, delivery, this::skipped),
                new ProbeRows(control::probes, measurement),
                this::recordedStatuses,
                failure -> problem("a periodic event could not be written: " + failure),
                () -> submit(this::escapeSkippedRuns),
                wanted);
    }

    private RecordReader reader(BpfObject object, KernelClock clock) {
        var ring = kernel.shared("ring");
        var state = kernel.shared("ring_state").memory();
        var layout = object.struct("ring_state");
        int wakeupBytes = ring.maxEntries() / 4;
        state.set(ValueLayout.JAVA_INT, layout.field("wakeup_bytes").offset(), wakeupBytes);
        int armed = layout.field("armed").offset();
        return new RecordReader(
                RingBuffer.of(ring),
                state.asSlice(armed, Integer.BYTES),
                wakeupBytes,
                Math.toIntExact(object.enumValue("record_type", "RECORD_TYPES")),
                delivery,
                new BatchWork(clock, new LossWatch(counters::lost, listener::lost, System::nanoTime)),
                failure -> problem("a record could not be decoded, and others may not be either: " + failure));
    }

    /** @param clock null without Flight Recorder */
    private record BatchWork(KernelClock clock, LossWatch losses) implements RecordReader.Batches {
        @Override
        public void begin() {
            if (clock != null) {
                clock.refresh();
            }
        }

        @Override
        public void end() {
            losses.look();
        }
    }

    /** The subjects in the order of {@code enum subject}: {@code SUBJECT_FILES} is {@code files}. */
    private static List<String> names(BpfObject object) {
        var names = new String[Math.toIntExact(object.enumValue("subject", "SUBJECTS"))];
        for (var subject : Subject.values()) {
            names[Math.toIntExact(object.enumValue("subject", "SUBJECT_" + subject.name()))] = subject.toString();
        }
        return List.of(names);
    }

    /** Has the control thread look again at what is wanted. Returns at once. */
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            submit(this::reconcile);
        }
    }

    /** Returns when the control thread has done what it was woken for until now. */
    public void settle() throws InterruptedException {
        try {
            executor.submit(() -> {}).get();
        } catch (ExecutionException | RejectedExecutionException stopped) {
            // there is nothing left to be waited for
        }
    }

    private void submit(Runnable task) {
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException closed) {
            // the agent is being stopped
        }
    }

    /** Null while the agent is being stopped: nothing comes later then. */
    private Future<?> later(Runnable task, long nanos) {
        try {
            return executor.schedule(() -> guarded(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return null;
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            problem(String.valueOf(t));
        }
    }

    private void problem(String message) {
        if (problems.add(message)) {
            listener.problem(message);
        }
    }

    private synchronized void reconcile() {
        woken.set(false);
        if (control == null) {
            return;
        }
        wanted.settings = recorder == null ? EffectiveSettings.NONE : recorder.read();
        wanted.settings.problems().forEach(this::problem);
        if (recorder != null) {
            recorder.stopRows();
            if (recorder.awaitsRecording()) {
                later(this::wake, TimeUnit.MILLISECONDS.toNanos(RecorderSide.FIRST_RECORDING_MILLIS));
            }
        }
        guarded(this::leaveOwnThreadsAlone);
        control.apply(wanted);
        for (var subject : subjects) {
            for (var counted : subject.counters()) {
                demands.get(counted.name()).running(wanted.counters(subject, counted) && counts(counted));
            }
        }
        scheduleEndOfDemand();
    }

    private synchronized void leaveOwnThreadsAlone() {
        if (control == null) {
            return;
        }
        kernel.exclude(ownThreads.ids(recorder != null && recorder.recording()));
    }

    /** Whether anything is counted: readers must not take what nobody counts for nothing that happened. */
    private boolean counts(Counters counted) {
        return control.probes().stream()
                .anyMatch(probe -> probe.attached() && counted.hooks().contains(probe.hook()));
    }

    private boolean opened(Counters counted) {
        return counted.hooks().stream().allMatch(hook -> kernel.find(hook.object()) != null);
    }

    private void scheduleEndOfDemand() {
        if (demandEnds != null) {
            demandEnds.cancel(false);
            demandEnds = null;
        }
        long next = demands.values().stream()
                .mapToLong(Demand::remaining)
                .filter(nanos -> nanos >= 0)
                .min()
                .orElse(-1);
        if (next >= 0) {
            demandEnds = later(this::wake, next);
        }
    }

    /** What recordings, MBeans and operators want together. */
    private final class Wanted implements Control.Wanted, RecorderSide.CounterSource {
        private volatile EffectiveSettings settings = EffectiveSettings.NONE;

        @Override
        public EffectiveSettings settings() {
            return settings;
        }

        @Override
        public boolean allows(SubjectProbe subject) {
            return !disabled.contains(subject.name());
        }

        @Override
        public boolean counters(SubjectProbe subject, Counters counted) {
            return allows(subject)
                    && (demands.get(counted.name()).wanted() || rowsScope(subject, counted.name()) != null);
        }

        @Override
        public int countingScope(SubjectProbe subject, Counters counted) {
            return countingScope(subject, counted.name());
        }

        /** The widest of what readers of the MBean and the recordings ask for. */
        @Override
        public int countingScope(SubjectProbe subject, String counters) {
            var rows = rowsScope(subject, counters);
            if (rows == null) {
                return setup.scope().ordinal();
            }
            var demand = demands.get(counters);
            return (demand != null && demand.wanted() ? rows.or(setup.scope()) : rows).ordinal();
        }

        /** Null if no recording wants rows of these counters. */
        private Scope rowsScope(SubjectProbe subject, String counters) {
            return recorder == null ? null : recorder.wantsRows(subject, counters);
        }

        @Override
        public boolean holds(SubjectProbe subject, String counters) {
            return subject.counters().stream()
                    .filter(counted -> counted.name().equals(counters))
                    .allMatch(ControlPlane.this::opened);
        }
    }

    private final class ControlListener implements Control.Listener {
        @Override
        public void changed(ProbeStatusRow status) {
            if (recorder != null) {
                recorder.changed(status);
            }
            listener.probe(status);
            if (status.state() == ProbeStatusRow.State.ATTACHED) {
                checkSkippedSoon();
            }
        }

        /** Before anything is counted for them: what is counted from the first moment on is in the first row. */
        @Override
        public void prepared() {
            newCounters((subject, name) -> subject.counting(name, counters));
            if (recorder != null) {
                recorder.startRows();
            }
        }

        @Override
        public void attached() {
            newCounters((subject, name) -> subject.begun(name, counters));
        }

        private void newCounters(BiConsumer<SubjectProbe, String> begin) {
            for (var subject : subjects) {
                for (var counted : subject.counters()) {
                    if (wanted.counters(subject, counted)
                            && demands.get(counted.name()).since() == null) {
                        begin.accept(subject, counted.name());
                    }
                }
            }
        }

        @Override
        public void opened(String name, BpfObject object) {
            var layouts = new Layouts(object, surroundings.text());
            decoding.install(name, object, layouts);
            if (name.equals(Kernel.BASE)) {
                decoding.listen(object, listener.listeners(layouts, surroundings.text()));
                decoding.installEnds(object, layouts, ControlPlane.this::ended);
            }
            decoding.listen(
                    object,
                    Map.of(
                            "RECORD_PROCESS_SEEN",
                            new ProcessSeen(layouts, surroundings.text(), processes),
                            "RECORD_CGROUP",
                            new CgroupSeen(layouts, surroundings.containers())));
        }
    }

    /** A process ended; on the thread that drains the ring. */
    private void ended(ProcessEnds.End end) {
        processes.learn(end.pid(), end.generation(), end.nsPid(), end.name(), end.uid(), end.cgroup());
        subjects.forEach(subject -> subject.ended(end));
        listener.ended(end);
    }

    /** Probes are attached several at a time: one look is enough for all. */
    private void checkSkippedSoon() {
        if (skippedCheck != null) {
            skippedCheck.cancel(false);
        }
        skippedCheck = later(this::escapeSkippedRuns, CHECK_SKIPPED_NANOS);
    }

    private synchronized void escapeSkippedRuns() {
        if (control != null) {
            control.escapeSkippedRuns();
        }
    }

    /**
     * Somebody reads an MBean: the counters behind it start, and run on for some time.
     *
     * @param counters their name, {@link Counters#name}
     */
    public Demand demand(String counters) {
        return demands.get(counters);
    }

    /** Takes a subject's probes out of the kernel, or allows them again. */
    public void enable(String subject, boolean enabled) {
        if (enabled ? disabled.remove(subject) : disabled.add(subject)) {
            wake();
        }
    }

    /**
     * Sets all counters back to 0: takes their tables out of the kernel and creates them anew, which leaves a gap of some milliseconds. Returns
     * when that is done, or after {@value #RESET_SECONDS} s, as on a host that is very busy; then it is done later.
     */
    public void reset() {
        try {
            executor.submit(() -> guarded(this::restart)).get(RESET_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | RejectedExecutionException | TimeoutException stoppedOrLater) {
            // there is nothing to be waited for
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void restart() {
        if (control != null) {
            control.closeAllButBase();
            if (recorder != null) {
                recorder.rowsEnded();
            }
            demands.values().forEach(Demand::restarted);
            for (var subject : subjects) {
                subject.counters().forEach(counted -> subject.counting(counted.name(), counters));
            }
            reconcile();
        }
    }

    /** What all probes do that were ever needed. */
    public List<ProbeStatusRow> statuses() {
        var now = control;
        return now == null
                ? List.of()
                : now.probes().stream().map(Probe::status).toList();
    }

    private List<ProbeStatusRow> recordedStatuses() {
        var problem = measurement.problem();
        return problem.isEmpty()
                ? statuses()
                : Stream.concat(statuses().stream(), Stream.of(notMeasured(problem)))
                        .toList();
    }

    private static ProbeStatusRow notMeasured(String problem) {
        return new ProbeStatusRow("run_statistics", "agent", ProbeStatusRow.State.FAILED, "", problem, 0);
    }

    private void cannotMeasure(String problem) {
        problem(problem);
        if (recorder != null) {
            recorder.changed(notMeasured(problem));
        }
    }

    /** A probe and what the kernel measured of it. */
    public record Measured(ProbeStatusRow status, long runs, long runTime, long skipped) {}

    /** Why the kernel does not measure run times although somebody wants them; empty if it does, or nobody does. */
    public String measurementProblem() {
        return measurement.problem();
    }

    /** All probes with runs and run times; the kernel measures these for a minute from now on. */
    public List<Measured> measured() {
        var now = control;
        if (now == null) {
            return List.of();
        }
        submit(this::measureForReader);
        var rows = new ArrayList<Measured>();
        for (var probe : now.probes()) {
            try {
                var info = probe.info();
                rows.add(new Measured(
                        probe.status(),
                        info == null ? 0 : info.runs(),
                        info == null ? 0 : info.runTime(),
                        probe.skipped()));
            } catch (BpfException | IllegalStateException detached) {
                rows.add(new Measured(probe.status(), 0, 0, probe.skipped()));
            }
        }
        return rows;
    }

    private void measureForReader() {
        measurement.forReaders(true);
        if (measurementEnds != null) {
            measurementEnds.cancel(false);
        }
        measurementEnds = later(() -> measurement.forReaders(false), READERS_MEASURE_NANOS);
    }

    /** Program runs for a subject's hooks that the kernel left out. */
    private long skipped(String subject) {
        var hooks = subjects.stream()
                .filter(probe -> probe.name().equals(subject))
                .flatMap(probe -> Stream.concat(
                        probe.events().stream().map(EventSource::hooks),
                        probe.counters().stream().map(Counters::hooks)))
                .flatMap(List::stream)
                .collect(Collectors.toSet());
        return control.probes().stream()
                .filter(probe -> hooks.contains(probe.hook()))
                .mapToLong(Probe::skipped)
                .sum();
    }

    /** Names of all subjects that records can be about, in the order of their numbers. */
    public List<String> subjectNames() {
        return subjectNames;
    }

    /** Counts of events and processes that the kernel side keeps. */
    public EventCounters counters() {
        return counters;
    }

    /** What became of the events that arrived. */
    public Delivery delivery() {
        return delivery;
    }

    /** Who this process is; null before {@link #start}. */
    public AgentIdentity identity() {
        return identity;
    }

    /** Why events do not name Java threads; empty if they do. */
    public String javaThreadsReason() {
        return threads == null ? "" : threads.reason();
    }

    /** Takes everything out of the kernel and out of Flight Recorder. Safe to call again, and after a {@link #start} that failed. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            closeAll(List.of(
                    this::finishRecordings,
                    () -> close(recorder),
                    this::detachAll,
                    () -> close(reader), // which needs the memory that the next step unmaps
                    this::closeControl,
                    measurement::close,
                    () -> close(kernel),
                    () -> close(threads)));
            recorder = null;
            control = null;
        }
    }

    /** Recordings that go on without the agent get all that happened until now, and that nothing more will come. */
    private void finishRecordings() {
        if (control != null && recorder != null) {
            recorder.finish(control::detachAll);
        }
    }

    private void detachAll() {
        if (control != null) {
            control.detachAll();
        }
    }

    private void closeControl() {
        if (control != null) {
            control.close();
        }
    }

    private void closeAll(List<Runnable> steps) {
        steps.forEach(this::guarded);
    }

    private static void close(AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
