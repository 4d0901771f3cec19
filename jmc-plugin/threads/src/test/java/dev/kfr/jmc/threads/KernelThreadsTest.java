// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.events.agent.ProbeStatus;
import dev.kfr.events.files.FileRead;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** Recordings as the agent makes them: all events committed by one thread, which says whose they are. JMC's parser finds the extension as a service. */
class KernelThreadsTest {
    @TempDir
    Path directory;

    @Name("test.Plain")
    @Label("Not Ours")
    static class PlainEvent extends Event {}

    @Test
    void putsEventsOnTheLaneOfTheThreadThatCausedThem() throws Exception {
        Map<String, Long> lanes = lanesOf("kernel.FileRead", () -> {
            commitRead(Thread.currentThread());
            Thread worker = Thread.ofPlatform().name("worker").start(LockSupport::park);
            commitRead(worker);
            commitRead(worker);
            LockSupport.unpark(worker);
        });

        assertEquals(Map.of(Thread.currentThread().getName(), 1L, "worker", 2L), lanes);
    }

    @Test
    void putsEventsOfNoJavaThreadOnOneLaneOfTheirOwn() throws Exception {
        Map<String, Long> lanes = lanesOf("kernel.FileRead", () -> commitRead(null));

        assertEquals(Map.of("(no Java thread)", 1L), lanes);
    }

    @Test
    void takesEventsAboutNoThreadAwayFromTheThreadThatCommittedThem() throws Exception {
        Map<String, Long> lanes = lanesOf("kernel.ProbeStatus", () -> new ProbeStatus().commit());

        assertEquals(1, lanes.get("(no Java thread)"), () -> "lanes: " + lanes);
        assertEquals(1, lanes.size(), () -> "lanes: " + lanes);
    }

    @Test
    void leavesOtherEventsAlone() throws Exception {
        Map<String, Long> lanes = lanesOf("test.Plain", () -> new PlainEvent().commit());

        assertEquals(Map.of(Thread.currentThread().getName(), 1L), lanes);
    }

    /** Records what the action commits, on the calling thread, and counts the events of a type by the thread that JMC's parser gives them. */
    private Map<String, Long> lanesOf(String type, Runnable action) throws Exception {
        List.of(FileRead.class, ProbeStatus.class, PlainEvent.class).forEach(FlightRecorder::register);
        Path file = directory.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(type).withoutThreshold();
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        IItemCollection items = JfrLoaderToolkit.loadEvents(file.toFile()).apply(ItemFilters.type(type));
        Map<String, Long> lanes = new TreeMap<>();
        items.values(JfrAttributes.EVENT_THREAD)
                .get()
                .map(IMCThread::getThreadName)
                .forEach(name -> lanes.merge(name, 1L, Long::sum));
        return lanes;
    }

    private static void commitRead(Thread thread) {
        FileRead event = new FileRead();
        event.javaThread = thread;
        event.path = "/some/file";
        event.commit();
    }
}
