// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.cli.Cli;
import java.lang.instrument.Instrumentation;

/**
 * The agent's entry point: starts, reconfigures and stops it, and runs the commands of the command line. Called by the
 * boot class, by reflection, out of another module. Nothing it does ends the service.
 */
public final class KernelFlightRecorder {
    /** System property of a JVM in which the agent was started and not stopped since: commands of other processes read it. */
    public static final String RUNS = "dev.kfr.runs";

    private static Session session;

    private KernelFlightRecorder() {}

    /**
     * Starts the agent, or reconfigures it if it runs.
     *
     * @param options as in {@link Options}; null if none were given
     * @param attached whether the JVM ran already
     */
    public static synchronized void start(Instrumentation instrumentation, String options, boolean attached) {
        Options parsed;
        try {
            parsed = Options.parse(options);
        } catch (IllegalArgumentException e) {
            Log.error(e.getMessage()
                    + (session != null ? ". Nothing was changed." : ". The service runs without the agent."));
            return;
        }
        var modules = RuntimeModules.present();
        if (!modules.sufficient()) {
            Log.error(modules.complaint().orElseThrow() + ". The service runs without the agent.");
            return;
        }
        modules.complaint().ifPresent(Log::warn);
        boolean reconfigured = session != null;
        if (reconfigured) {
            session.stop();
        }
        session = new Session(parsed, attached, modules);
        System.setProperty(RUNS, version());
        session.start(reconfigured ? "reconfigured, probes attached" : "probes attached");
    }

    /** Stops the agent; {@link #start} starts it again. Without effect if it does not run. */
    public static synchronized void stop() {
        if (session != null) {
            session.stop();
            session = null;
            System.clearProperty(RUNS);
            Log.info("stopped");
        }
    }

    /** Runs a command of the command line and returns its exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int command(String[] arguments) {
        return Cli.run(arguments);
    }

    /** This agent's version; {@code development} when it was not started from its jar. */
    public static String version() {
        var descriptor = KernelFlightRecorder.class.getModule().getDescriptor();
        return descriptor == null ? "development" : descriptor.rawVersion().orElse("development");
    }
}
