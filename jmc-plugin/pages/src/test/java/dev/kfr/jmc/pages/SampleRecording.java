// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import dev.kfr.events.KernelEvents;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/** A recording with an event of each type that there is: of each event class of ours, and of those of the JDK that pages name, provoked. */
final class SampleRecording {
    static final List<String> OF_THE_JDK = List.of(
            "jdk.GarbageCollection",
            "jdk.GCPhasePause",
            "jdk.GCPhaseConcurrent",
            "jdk.JavaMonitorEnter",
            "jdk.JavaMonitorWait",
            "jdk.ThreadPark",
            "jdk.ThreadSleep",
            "jdk.SocketRead",
            "jdk.SocketWrite",
            "jdk.FileRead",
            "jdk.FileWrite",
            "jdk.FileForce");

    private SampleRecording() {}

    static void write(Path file) throws Exception {
        try (Recording recording = new Recording()) {
            for (Class<? extends Event> event : KernelEvents.ALL) {
                FlightRecorder.register(event);
                recording.enable(event).withoutThreshold();
            }
            OF_THE_JDK.forEach(type -> recording.enable(type).withoutThreshold());
            recording.start();
            for (Class<? extends Event> event : KernelEvents.ALL) {
                event.getConstructor().newInstance().commit();
            }
            // Tests run with -XX:+ExplicitGCInvokesConcurrent: phases in a pause and beside the service.
            System.gc();
            waitAndLock();
            useFile(Files.createTempFile(file.getParent(), "sample", ".bin"));
            useSocket();
            recording.stop();
            recording.dump(file);
        }
    }

    private static void waitAndLock() throws InterruptedException {
        Object lock = new Object();
        Thread.sleep(1);
        LockSupport.parkNanos(1_000_000);
        synchronized (lock) {
            Thread contender = Thread.ofPlatform().start(() -> {
                synchronized (lock) {
                    lock.notifyAll();
                }
            });
            while (contender.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            lock.wait(10_000);
        }
    }

    private static void useFile(Path file) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(10));
            channel.force(true);
            channel.read(ByteBuffer.allocate(10), 0);
        }
    }

    private static void useSocket() throws Exception {
        try (var server = new ServerSocket(0);
                var client = new Socket(server.getInetAddress(), server.getLocalPort());
                var accepted = server.accept()) {
            client.getOutputStream().write(1);
            accepted.getInputStream().read();
        }
    }
}
