// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.control.SubjectProbe.RowSource;
import dev.kfr.agent.record.KernelClock;
import dev.kfr.agent.record.RecordReader;
import dev.kfr.agent.record.RecordReader.Drained;
import dev.kfr.events.Scope;
import dev.kfr.events.ScopeSetting;
import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.agent.EventLoss;
import dev.kfr.events.agent.ProbeStatistics;
import dev.kfr.events.agent.ProbeStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import jdk.jfr.RecordingState;

/**
 * Flight Recorder's side of the control plane: what recordings want, and the rows that are written when they are due.
 *
 * <p>For the control thread, except what JFR's threads call.
 */
final class RecorderSide implements AutoCloseable {
    /**
     * Time for all that still goes into a chunk at its end; JFR and the service's exit wait for it. A full ring takes a tenth of a second, but
     * many times that in a JVM that is young or has to share its CPU.
     */
    private static final long CHUNK_END_MILLIS = 3_000;

    private static final long ROWS_WAIT_MILLIS = 100;

    /** From the start of JFR to that of the recording that it was started for; Mission Control starts it before it asks for event types. */
    static final long FIRST_RECORDING_MILLIS = 250;

    private final RecorderWatch watch;
    private final KernelClock clock;
    private final RecordReader reader;
    private final List<SubjectProbe> subjects;
    private final LossRows losses;
    private final ProbeRows probes;
    private final Supplier<Collection<ProbeStatusRow>> statuses;
    private final Consumer<Throwable> failures;
    private final Runnable afterRows;
    private final CounterSource kernel;
    private final boolean startedLongAgo;
    private final Set<Entry> running = new HashSet<>();
    private boolean lossesRunning;
    private boolean probesRunning;
    private volatile List<Entry> entries = List.of();
    private EventTypes types;
    private long started;
    private volatile EffectiveSettings settings = EffectiveSettings.NONE;

    /** A periodic event of a subject. */
    private record Entry(SubjectProbe subject, RowSource source) {}

    /** What rows have to know of the counters that they are made from. */
    interface CounterSource {
        /** Whether a subject may have anything in the kernel. */
        boolean allows(SubjectProbe subject);

        /** Whether counters are in the kernel and can be read. */
        boolean holds(SubjectProbe subject, String counters);

        /** Whose activity they count: a constant of {@code enum scope}. */
        int countingScope(SubjectProbe subject, String counters);
    }

    /**
     * @param defaultScope what events record whose settings do not say
     * @param attached whether this JVM ran already: if JFR did, too, no first recording is about to begin
     * @param wake called when settings may have changed; only wakes the control thread
     * @param reader drained at the end of each chunk; null if there is nothing to read
     * @param statuses of all probes, at the beginning of each chunk
     * @param afterRows called on a thread of JFR after losses have been written
     */
    RecorderSide(
            Scope defaultScope,
            boolean attached,
            Runnable wake,
            KernelClock clock,
            RecordReader reader,
            List<SubjectProbe> subjects,
            LossRows losses,
            ProbeRows probes,
            Supplier<Collection<ProbeStatusRow>> statuses,
            Consumer<Throwable> failures,
            Runnable afterRows,
            CounterSource kernel) {
        this.clock = clock;
        this.reader = reader;
        this.subjects = List.copyOf(subjects);
        this.losses = losses;
        this.probes = probes;
        this.statuses = statuses;
        this.failures = failures;
        this.afterRows = afterRows;
        ScopeSetting.defaultScope(defaultScope);
        this.kernel = kernel;
        this.watch = new RecorderWatch(wake);
        this.startedLongAgo = attached && watch.started();
    }

    /** Whether Flight Recorder has been started. */
    boolean recording() {
        return watch.started();
    }

    /**
     * Asks JFR what the running recordings want; registers our event types once JFR has been started.
     *
     * <p>The JVM prepares an event's class when it is loaded while a recording runs. One that was loaded before it redefines when it is registered, and
     * for each of them it stops all threads for some milliseconds. So event classes are not touched before JFR has been started, and the
     * first recording gets a moment to begin.
     */
    EffectiveSettings read() {
        if (types == null && watch.started() && !awaitsRecording()) {
            register();
        }
        if (types != null) {
            settings = EffectiveSettings.read(clock);
        }
        return settings;
    }

    /** Whether JFR has been started and no recording yet: then {@link #read} is to be called again, after {@value #FIRST_RECORDING_MILLIS} ms. */
    boolean awaitsRecording() {
        if (types != null || !watch.started() || startedLongAgo) {
            return false;
        }
        if (started == 0) {
            started = System.nanoTime();
        }
        return System.nanoTime() - started < TimeUnit.MILLISECONDS.toNanos(FIRST_RECORDING_MILLIS)
                && FlightRecorder.getFlightRecorder().getRecordings().stream()
                        .noneMatch(recording -> recording.getState() == RecordingState.RUNNING);
    }

    private void register() {
        types = new EventTypes(failures);
        entries = subjects.stream()
                .flatMap(subject -> subject.rows().stream().map(source -> new Entry(subject, source)))
                .toList();
        types.onPeriod(ProbeStatus.class, () -> statuses.get().forEach(RecorderSide::record));
        types.onPeriod(EventLoss.class, () -> {
            losses.write();
            afterRows.run();
        });
        types.onPeriod(ProbeStatistics.class, probes::write);
        for (var entry : entries) {
            types.onPeriod(entry.source.event(), () -> writeRows(entry));
        }
        types.onPeriod(ChunkEnd.class, this::endChunk);
        // The chunk that is being written began without them.
        statuses.get().forEach(RecorderSide::record);
    }

    /** Reads first what the ring knows of processes that ended: their rows have no other source of names. */
    private void writeRows(Entry entry) {
        if (reader != null) {
            reader.drain(ROWS_WAIT_MILLIS);
        }
        entry.source.rows().write(scopeOf(entry));
    }

    /** Whose rows are to be written: the host's where no more is counted than rows are wanted of. */
    private Scope scopeOf(Entry entry) {
        var wanted = settings.of(entry.source.event()).scope();
        int counted = kernel.countingScope(entry.subject, entry.source.counters());
        return wanted.ordinal() > counted ? wanted : Scope.HOST;
    }

    /** The last moment at which events get into a chunk: whatever waits is written. */
    private void endChunk() {
        var event = new ChunkEnd();
        event.begin();
        var drained = reader == null ? new Drained(0, true) : reader.drain(CHUNK_END_MILLIS);
        var rows = new AtomicInteger();
        for (var entry : entries) {
            if (settings.of(entry.source.event()).enabled()) {
                rows.addAndGet(written(() -> entry.source.rows().write(scopeOf(entry))));
            }
        }
        if (settings.of(ProbeStatistics.class).enabled()) {
            rows.addAndGet(written(probes::write));
        }
        if (settings.of(EventLoss.class).enabled()) {
            rows.addAndGet(written(losses::write));
        }
        event.records = drained.records();
        event.rows = rows.get();
        event.complete = drained.complete();
        event.commit();
    }

    /** Rows that can't be written are told of, and keep no others out of the chunk. */
    private int written(IntSupplier rows) {
        try {
            return rows.getAsInt();
        } catch (RuntimeException e) {
            failures.accept(e);
            return 0;
        }
    }

    /**
     * Writes what waits, before the event types go.
     *
     * @param detach ends what would write more
     */
    void finish(Runnable detach) {
        detach.run();
        if (types != null) {
            endChunk();
        }
    }

    /** Ends the intervals of rows that nobody wants any more; before the counters behind them stop. */
    void stopRows() {
        if (types == null) {
            return;
        }
        for (var entry : entries) {
            if (running.contains(entry) && !rowsDue(entry)) {
                entry.source.rows().stop();
                running.remove(entry);
            }
        }
        probes.measure(settings.of(ProbeStatistics.class).enabled());
        lossesRunning &= settings.of(EventLoss.class).enabled();
        probesRunning &= settings.of(ProbeStatistics.class).enabled();
    }

    /** Begins the intervals of rows that are wanted; after the tables behind them have been created, and before anything is counted for them. */
    void startRows() {
        if (types == null) {
            return;
        }
        for (var entry : entries) {
            if (!running.contains(entry) && rowsDue(entry)) {
                entry.source.rows().start();
                running.add(entry);
            }
        }
        if (!lossesRunning && settings.of(EventLoss.class).enabled()) {
            losses.start();
            lossesRunning = true;
        }
        if (!probesRunning && settings.of(ProbeStatistics.class).enabled()) {
            probes.start();
            probesRunning = true;
        }
    }

    private boolean rowsDue(Entry entry) {
        return settings.of(entry.source.event()).enabled()
                && kernel.allows(entry.subject)
                && kernel.holds(entry.subject, entry.source.counters());
    }

    /** The tables behind rows are gone. */
    void rowsEnded() {
        running.clear();
    }

    /** Whose rows recordings want that are made from these counters: the widest; null if they want none. */
    Scope wantsRows(SubjectProbe subject, String counters) {
        Scope widest = null;
        for (var entry : entries) {
            var wanted = settings.of(entry.source.event());
            if (entry.subject == subject && entry.source.counters().equals(counters) && wanted.enabled()) {
                widest = widest == null ? wanted.scope() : widest.or(wanted.scope());
            }
        }
        return widest;
    }

    /** Records what a probe does now, if a recording may want it. */
    void changed(ProbeStatusRow status) {
        if (types != null) {
            record(status);
        }
    }

    private static void record(ProbeStatusRow status) {
        var event = new ProbeStatus();
        event.probe = status.probe();
        event.state = status.state().name();
        event.variant = status.variant();
        event.message = status.message();
        event.commit();
    }

    @Override
    public void close() {
        watch.close();
        if (types != null) {
            types.close();
        }
    }
}
