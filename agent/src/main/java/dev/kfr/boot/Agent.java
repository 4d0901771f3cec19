// SPDX-License-Identifier: Apache-2.0
package dev.kfr.boot;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * What the JVM calls first: for {@code -javaagent}, for attachment and for {@code java -jar}.
 *
 * <p>Compiled for Java 8, so that an old JVM can read it and its user gets one clear line instead of an
 * {@code UnsupportedClassVersionError}. Everything else needs a newer JVM and is reached by reflection.
 */
public final class Agent {
    private static final int OLDEST_JAVA = 25;
    private static final long WAIT_MILLIS = 10_000;
    private static final String COULD_NOT_START =
            "ERROR Kernel Flight Recorder could not start, the service runs without it: ";

    private Agent() {}

    /** Called before the service's {@code main}. An exception that left it would end the JVM: none does. */
    public static void premain(String options, Instrumentation instrumentation) {
        start(options, instrumentation, false);
    }

    /** Called in a JVM that runs already. Throws nothing. */
    public static void agentmain(String options, Instrumentation instrumentation) {
        start(options, instrumentation, true);
    }

    /** The command line. Ends the JVM with the command's exit code; 2 if this JVM is too old. */
    public static void main(String[] arguments) {
        int exitCode = 2;
        try {
            if (javaIsRecent("")) {
                Method command = launcher().getMethod("command", String[].class);
                exitCode = (Integer) command.invoke(null, (Object) arguments);
            }
        } catch (Throwable failure) {
            exitCode = 1;
            say("ERROR the command failed: " + causeOf(failure));
        }
        System.exit(exitCode);
    }

    /**
     * Leaves all but the Java version to a thread of its own: defining the agent's layer, and even the first call by
     * reflection, take longer than a service should wait. With {@code start=sync} or {@code detach} waits for it.
     */
    private static void start(final String options, final Instrumentation instrumentation, final boolean attached) {
        try {
            if (javaIsRecent(" The service runs without it.")) {
                // Not a lambda: the first one of a JVM costs some milliseconds, too.
                Thread thread = new Thread("kfr-start") {
                    @Override
                    public void run() {
                        launch(options, instrumentation, attached);
                    }
                };
                thread.setDaemon(true);
                thread.setContextClassLoader(null); // the service's, which is none of ours to keep alive
                thread.start();
                if (waitsFor(options)) {
                    thread.join(WAIT_MILLIS);
                    if (thread.isAlive()) {
                        say("WARN Kernel Flight Recorder is not ready after " + WAIT_MILLIS / 1000
                                + " s; it goes on, and so does the service");
                    }
                }
            }
        } catch (Throwable failure) {
            say(COULD_NOT_START + failure);
        }
    }

    private static boolean waitsFor(String options) {
        // Without blanks, which the options may have around names and values.
        return options != null
                && (options.equals("detach") || ("," + options.replace(" ", "") + ",").contains(",start=sync,"));
    }

    private static void launch(String options, Instrumentation instrumentation, boolean attached) {
        try {
            launcher()
                    .getMethod("start", String.class, Instrumentation.class, boolean.class)
                    .invoke(null, options, instrumentation, attached);
        } catch (Throwable failure) {
            say(COULD_NOT_START + causeOf(failure));
        }
    }

    private static boolean javaIsRecent(String consequence) {
        String version = System.getProperty("java.specification.version", "unknown");
        try {
            if (Integer.parseInt(version) >= OLDEST_JAVA) {
                return true;
            }
        } catch (NumberFormatException olderThanNine) {
            // Java 8 and older call themselves 1.8.
        }
        say("ERROR Kernel Flight Recorder needs Java " + OLDEST_JAVA + " or later, and this is Java "
                + System.getProperty("java.version", version) + " (" + System.getProperty("java.home") + ")."
                + consequence);
        return false;
    }

    private static Class<?> launcher() throws ClassNotFoundException {
        return Class.forName("dev.kfr.boot.Launcher");
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof InvocationTargetException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    /**
     * Writes one line to the process's standard error, in one piece. Not to {@code System.err}: the service may have
     * put something else there, a logger for instance, that we must not start.
     */
    static void say(String message) {
        // Not closed: that would close the descriptor of the whole process.
        try {
            @SuppressWarnings("resource")
            FileOutputStream standardError = new FileOutputStream(FileDescriptor.err);
            standardError.write(("[kfr] " + message.replaceAll("\\R+", " ") + "\n").getBytes("UTF-8"));
        } catch (Throwable nowhereToTellIt) {
            // A JVM without standard error still has a service to run.
        }
    }
}
