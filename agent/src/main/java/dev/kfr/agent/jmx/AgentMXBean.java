// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.Date;
import java.util.Map;

/** {@code kernel:type=Agent}. */
@Described("Kernel Flight Recorder: what it can do here, what it does, and what could not be recorded.")
public interface AgentMXBean {
    /** One probe: a program in the kernel. */
    record ProbeRow(
            @Described("name of the probe") String probe,
            @Described("what it watches") String subject,
            @Described("the kind of attach point that was used") String variant,
            @Described("ATTACHED, DETACHED, FAILED, ...") String state,
            @Described("why, if it failed") String message,
            @Described("how often it ran while this was measured; reading this table switches the measurement on")
                    long runs,
            @Described("time in these runs, in ns") long runTime,
            @Described("runs that the kernel left out because the program was active on that CPU") long skipped) {}

    /** Events of one subject: produced = recorded + throttled + lost. */
    record EventRow(
            @Described("events that a program wanted to report") long produced,
            @Described("events that reached the recording") long recorded,
            @Described("events that the throttle held back") long throttled,
            @Described("events that could not be delivered") long lost) {}

    @Described("Version of Kernel Flight Recorder")
    String getVersion();

    @Described("RUNNING, DEGRADED (a probe is missing), UNAVAILABLE (nothing can be seen) or STOPPED")
    String getState();

    @Described("Why the state is not RUNNING, and what would help; empty if it is")
    String getStateReason();

    @Described(
            "The probes by name; reading them switches the kernel's run statistics on, which cost every BPF program 90 ns a run")
    Map<String, ProbeRow> getProbes();

    @Described("State of each probe by name: ATTACHED, DETACHED (nobody needs it) or FAILED; reading it costs nothing")
    Map<String, String> getProbeStates();

    @Described("How many probes are attached")
    int getProbesAttached();

    @Described("How many probes are needed and could not be attached; StateReason tells why")
    int getProbesFailed();

    @Described("Events by subject")
    Map<String, EventRow> getEvents();

    @Described("Events that programs in the kernel wanted to report; produced = recorded + throttled + lost")
    long getEventsProduced();

    @Described("Events that reached the recording")
    long getEventsRecorded();

    @Described("Events that the throttle held back")
    long getEventsThrottled();

    @Described("Events that could not be delivered")
    long getEventsLost();

    @Described("Produced events per second over the last second, or since the reading before if that is longer ago")
    double getEventsProducedPerSecond();

    @Described("Recorded events per second over the last second, or since the reading before if that is longer ago")
    double getEventsRecordedPerSecond();

    @Described("Throttled events per second over the last second, or since the reading before if that is longer ago")
    double getEventsThrottledPerSecond();

    @Described("Lost events per second over the last second, or since the reading before if that is longer ago")
    double getEventsLostPerSecond();

    @Described("Whether recorded events carry the kernel's time; if not, they carry the time at which they were read")
    boolean isKernelTimestamps();

    @Described("Whether events name the Java thread; empty if they do, else why not")
    String getJavaThreadsReason();

    @Described("Whose activity is seen if a recording does not say: host, container or jvm")
    String getScope();

    @Described("Since when events are counted")
    Date getCountingSince();

    @Described("Allows the probes of a subject again")
    void enable(
            @Described(value = "syscalls, files, processes, cpu, memory, network or block", name = "subject")
                    String subject);

    @Described("Takes the probes of a subject out of the kernel, until it is enabled again")
    void disable(
            @Described(value = "syscalls, files, processes, cpu, memory, network or block", name = "subject")
                    String subject);

    @Described("Sets all counters back to 0")
    void reset();

    @Described("Takes everything out of the kernel and removes these MBeans")
    void stop();

    @Described("The tables as text")
    String show();
}
