// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;

import dev.kfr.agent.control.Watched;
import dev.kfr.agent.jmx.AgentStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToLongFunction;

/** What a recording that runs tells of itself: a line that is written anew each second, on a terminal only, and a summary. */
final class Progress {
    /** To the beginning of the line, and nothing behind. */
    private static final String AGAIN = "\r\u001b[K";

    private static final long TICK_MILLIS = 250;
    private static final long LINE_MILLIS = 1_000;

    private final PrintWriter out;
    private final boolean quiet;
    private final boolean lines;
    private final HostSession session;
    private final HostRecording recording;
    private final Duration duration;
    private long started;
    private long lastRecorded;
    private long lastLine;
    private boolean onLine;
    private long lost;

    /** Why a recording ended. */
    enum End {
        DURATION,
        USER,
        PROCESS
    }

    /** @param duration null: until the user wants no more */
    Progress(PrintWriter out, boolean quiet, HostSession session, HostRecording recording, Duration duration) {
        this.out = out;
        this.quiet = quiet;
        this.lines = !quiet && System.console() != null && System.console().isTerminal();
        this.session = session;
        this.recording = recording;
        this.duration = duration;
    }

    void begin(Path file) {
        started = System.nanoTime();
        lastLine = started;
        say("recording to " + file + (duration == null ? "; Ctrl-C ends it" : ""));
    }

    private void say(String line) {
        warn();
        if (!quiet) {
            out.println(line);
            out.flush();
        }
    }

    /** Warnings are never quiet. */
    private void warn() {
        for (var warning : session.warnings()) {
            out.println((onLine ? AGAIN : "") + "warning: " + warning);
            out.flush();
            onLine = false;
        }
    }

    /** Returns when the recording is to end. */
    End until(EndSignals signals, Watched watched) throws InterruptedException {
        while (true) {
            long left = duration == null
                    ? Long.MAX_VALUE
                    : duration.toMillis() - elapsed().toMillis();
            if (left <= 0) {
                return End.DURATION;
            }
            if (signals.await(Math.min(left, TICK_MILLIS))) {
                return End.USER;
            }
            if (watched instanceof Watched.OtherProcess process && !runs(process.pid())) {
                return End.PROCESS;
            }
            warn();
            if (lines && (System.nanoTime() - lastLine) / 1_000_000 >= LINE_MILLIS) {
                line();
            }
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** A process that nobody has waited for is still there, and does nothing any more. */
    private static boolean runs(int pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException gone) {
            return false;
        }
    }

    private void line() {
        lost = sum(AgentStatus.Events::lost);
        long now = System.nanoTime();
        long recorded = sum(AgentStatus.Events::recorded);
        double perSecond = (recorded - lastRecorded) * 1e9 / (now - lastLine);
        lastRecorded = recorded;
        lastLine = now;
        var left = duration == null ? "" : "  " + Durations.clock(duration.minus(elapsed())) + " left";
        out.print(AGAIN + Durations.clock(elapsed()) + "  " + count(recorded) + " events (" + rate(perSecond) + "/s)  "
                + held() + "  " + bytes(recording.size()) + left);
        out.flush();
        onLine = true;
    }

    private String held() {
        long throttled = sum(AgentStatus.Events::throttled);
        return (throttled == 0 ? "" : count(throttled) + " held back by throttles, ")
                + (lost == 0 ? "none lost" : count(lost) + " LOST");
    }

    private long sum(ToLongFunction<AgentStatus.Events> kind) {
        return session.status().events().values().stream().mapToLong(kind).sum();
    }

    /** Just before the recording ends: what happens from then on is not wanted, and not lost. */
    void ending() {
        lost = sum(AgentStatus.Events::lost);
    }

    /** Tells what became of it. */
    void end(Path file, End end) {
        if (onLine) {
            out.print(AGAIN);
        }
        var why =
                switch (end) {
                    case DURATION, USER -> "";
                    case PROCESS -> "the process ended; ";
                };
        say(why + file + ": " + Durations.clock(elapsed()) + ", " + count(sum(AgentStatus.Events::recorded))
                + " events and the periodic rows, " + held() + ", " + bytes(size(file)));
        if (lost > 0) {
            say("events were lost: a larger --ring, higher thresholds or fewer --probes help");
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            return 0;
        }
    }
}
