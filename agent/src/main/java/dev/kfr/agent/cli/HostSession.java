// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.Log;
import dev.kfr.agent.Options;
import dev.kfr.agent.RuntimeModules;
import dev.kfr.agent.Session;
import dev.kfr.agent.control.Watched;
import dev.kfr.agent.jmx.AgentStatus;
import java.util.ArrayList;
import java.util.List;

/** The agent's session in the command's own JVM: it sees the host as an agent does, and there is no service. */
final class HostSession implements AutoCloseable {
    /** Why it works as far as it does; {@code doctor} tells all. */
    private static final String MORE = ". 'java -jar kfr.jar doctor' tells more";

    private final Session session;
    private final List<String> warnings = new ArrayList<>();

    /**
     * Puts into the kernel what is always there.
     *
     * @throws CommandFailure if this host, kernel or user can't do that
     */
    HostSession(Options options, Watched watched) {
        var modules = RuntimeModules.present();
        if (!modules.sufficient()) {
            throw new CommandFailure(modules.complaint().orElseThrow());
        }
        Log.to((level, message) -> {
            if (!level.equals("INFO")) {
                warn(message);
            }
        });
        session = new Session(options, true, modules, watched);
        session.start("started");
        if (session.status().state() == AgentStatus.State.UNAVAILABLE) {
            var reason = session.status().stateReason();
            session.stop();
            throw new CommandFailure(reason.replaceAll("\\.$", "") + MORE);
        }
    }

    private synchronized void warn(String message) {
        warnings.add(message);
    }

    /** What there was to warn of since the last call. */
    synchronized List<String> warnings() {
        var told = List.copyOf(warnings);
        warnings.clear();
        return told;
    }

    AgentStatus status() {
        return session.status();
    }

    /** Returns when the kernel side does what recordings ask for now: at a start event types are registered, which asks again. */
    void settle() throws InterruptedException {
        session.settle();
        session.settle();
    }

    @Override
    public void close() {
        session.stop();
    }
}
