// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;

/**
 * The agent's log: lines such as {@code [kfr] INFO probes attached} on standard error, each written in one piece.
 *
 * <p>Neither {@code java.util.logging} nor {@code System.Logger}: the first use would freeze the service's choice of log
 * manager. Not {@code System.err} either, behind which the service may have put a logger. Safe for use by any thread.
 */
public final class Log {
    // Not closed: that would close the descriptor of the whole process.
    private static final FileOutputStream STANDARD_ERROR = new FileOutputStream(FileDescriptor.err);
    private static final Charset CHARSET =
            Charset.forName(System.getProperty("stderr.encoding", "UTF-8"), Charset.defaultCharset());

    private static volatile Sink sink = Log::toStandardError;

    /** Where lines go. */
    @FunctionalInterface
    public interface Sink {
        /** @param level INFO, WARN or ERROR */
        void write(String level, String message);
    }

    private Log() {}

    /** Has lines go elsewhere: the command line shows what went wrong in its own way. */
    public static void to(Sink other) {
        sink = other;
    }

    /** Something went as intended. */
    public static void info(String message) {
        write("INFO", message);
    }

    /** Something is missing, and the rest works. */
    public static void warn(String message) {
        write("WARN", message);
    }

    /** The agent, or the part that the message names, does not work. */
    public static void error(String message) {
        write("ERROR", message);
    }

    private static void write(String level, String message) {
        sink.write(level, message.strip().replaceAll("\\R\\s*", " "));
    }

    private static void toStandardError(String level, String message) {
        var line = "[kfr] " + level + " " + message + "\n";
        try {
            STANDARD_ERROR.write(line.getBytes(CHARSET));
        } catch (IOException nowhereToTellIt) {
            // A service may close its standard error; the agent goes on.
        }
    }
}
