// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import dev.kfr.agent.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the life cycle and the control plane tell the Agent MBean. Called from any thread; returns at once. */
public interface AgentStatus {
    /** How the agent is. */
    enum State {
        RUNNING,
        /** Something that was asked for can't be done. */
        DEGRADED,
        /** Nothing can be seen. */
        UNAVAILABLE,
        STOPPED
    }

    /** See {@code kernel.EventLoss}. */
    record Events(long produced, long recorded, long throttled, long lost) {}

    String version();

    State state();

    /** Empty if the state is RUNNING. */
    String stateReason();

    /** All probes, also those that are not attached. Switches run statistics on, for as long as the options say. */
    List<AgentMXBean.ProbeRow> probes();

    /** The state of each probe by its name, as {@link #probes()} says it, without switching anything on. */
    Map<String, String> probeStates();

    /** Of the subjects that are allowed. */
    Map<Subject, Events> events();

    boolean kernelTimestamps();

    /** Empty if events name Java threads. */
    String javaThreadsReason();

    /** As the option is written. */
    String scope();

    Instant since();

    void enable(Subject subject);

    void disable(Subject subject);

    void reset();

    /** Begins to stop, on another thread: the MBean that was called goes away too. */
    void stop();
}
