// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * A service that gets into the troubles that its arguments name, each in a thread of its own, for as many seconds as
 * the first says. Says {@code ready} when all have begun.
 */
final class Trouble {
    private static final int PAGE = 4096;
    /** So many probes at least stay attached when nobody records. */
    private static final int LIFE_CYCLE = 5;
    /** So many looks in a row that saw no more of them. */
    private static final int SETTLED = 5;
    /** Of madvise(2): give the pages back now. */
    private static final int MADV_PAGEOUT = 21;
    /** Of madvise(2): read no neighbours. */
    private static final int MADV_RANDOM = 1;

    private interface Work {
        void once() throws Throwable;
    }

    private Trouble() {}

    public static void main(String[] arguments) throws Throwable {
        awaitProbes();
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.parseLong(arguments[0])).toNanos();
        var threads = new ArrayList<Thread>();
        for (int i = 1; i < arguments.length; i++) {
            var work = work(arguments[i]);
            threads.add(Thread.ofPlatform().name(arguments[i]).start(() -> repeat(work, end)));
        }
        System.out.println("ready");
        while (System.nanoTime() < end) {
            Thread.sleep(50);
        }
        for (var thread : threads) {
            thread.join(10_000);
        }
        System.exit(0); // also past what a trouble left behind
    }

    /** Waits until the agent has attached what the recording asks for, and no more comes. */
    private static void awaitProbes() throws Exception {
        var server = ManagementFactory.getPlatformMBeanServer();
        var agent = new ObjectName("kernel:type=Agent");
        long limit = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        int before = -1;
        int same = 0;
        while (System.nanoTime() < limit) {
            int attached = server.isRegistered(agent) ? attached(server.getAttribute(agent, "Probes")) : 0;
            same = attached == before ? same + 1 : 0;
            if (attached > LIFE_CYCLE && same == SETTLED) {
                return;
            }
            before = attached;
            Thread.sleep(500);
        }
        System.out.println("the agent has attached only " + before + " probes");
    }

    private static int attached(Object probes) {
        int attached = 0;
        for (var row : ((TabularData) probes).values()) {
            var probe = (CompositeData) ((CompositeData) row).get("value");
            attached += "ATTACHED".equals(probe.get("state")) ? 1 : 0;
        }
        return attached;
    }

    private static void repeat(Work work, long end) {
        try {
            while (System.nanoTime() < end) {
                work.once();
            }
        } catch (Throwable failure) {
            failure.printStackTrace();
        }
    }

    private static Work work(String trouble) throws Throwable {
        var words = trouble.split("=", 2);
        return switch (words[0]) {
            case "idle" -> () -> Thread.sleep(100);
            // the longer the path, the more time the failing takes
            case "fail" -> Trouble::fail;
            case "open" -> () -> open(words[1]);
            case "leak" -> leak(words[1]);
            case "storm" -> Trouble::storm;
            case "churn" -> churn();
            case "connect" -> slowConnects();
            case "send" -> send();
            case "compute" -> Trouble::compute;
            case "collect" -> Trouble::collect;
            case "sync" -> sync(Path.of(words[1]));
            case "write" -> write(Path.of(words[1]));
            case "read" -> read(Path.of(words[1]));
            case "faults" -> faults(Path.of(words[1]));
            case "run" -> run(words[1]);
            default -> throw new IllegalArgumentException(trouble);
        };
    }

    private static void fail() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            try {
                new FileInputStream("/proc/self/root/../usr/lib/../lib/./../lib/no/such/file").close();
            } catch (IOException expected) {
                // what the service swallows, too
            }
        }
        Thread.sleep(10);
    }

    private static void open(String path) throws Exception {
        Files.readAllBytes(Path.of(path));
        Thread.sleep(2);
    }

    private static Work leak(String path) {
        List<InputStream> open = new ArrayList<>();
        return () -> {
            open.add(new FileInputStream(path));
            Thread.sleep(40);
        };
    }

    private static void storm() throws Throwable {
        run("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do /bin/true; done")
                .once();
    }

    private static Work run(String script) {
        return () -> new ProcessBuilder("sh", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static Work churn() throws IOException {
        var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> repeat(() -> server.accept().close(), Long.MAX_VALUE));
        return () -> {
            try (var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
                client.getInputStream().read();
            }
            Thread.sleep(5);
        };
    }

    /**
     * A server that accepts nobody: once its queue is full the kernel drops what comes, and the client tries again
     * after a second.
     */
    private static Work slowConnects() throws IOException {
        var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        List<Socket> kept = new ArrayList<>();
        return () -> {
            var client = new Socket();
            kept.add(client);
            try {
                client.connect(server.getLocalSocketAddress(), 1500);
            } catch (IOException expected) {
                client.close();
            }
        };
    }

    private static Work send() throws IOException {
        var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform()
                .daemon()
                .start(() -> repeat(
                        () -> server.accept().getInputStream().transferTo(java.io.OutputStream.nullOutputStream()),
                        Long.MAX_VALUE));
        var client = new Socket();
        client.setSendBufferSize(PAGE); // so that hardly more is written than is sent
        client.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        var bytes = new byte[1000];
        return () -> client.getOutputStream().write(bytes);
    }

    private static volatile Object sink;

    private static void compute() {
        for (int i = 0; i < 10_000; i++) {
            sink = new byte[100 + i % 1000];
        }
    }

    private static void collect() throws InterruptedException {
        System.gc();
        Thread.sleep(100);
    }

    private static Work sync(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var bytes = ByteBuffer.allocate(1 << 20);
        return () -> {
            channel.write(bytes.clear(), 0);
            channel.force(true);
        };
    }

    /** Leaves more and more pages of a file in the page cache, until it is as large as that and begins again. */
    private static Work write(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var bytes = ByteBuffer.allocate(1 << 20);
        return () -> {
            channel.write(bytes.clear());
            if (channel.size() >= 600 << 20) {
                channel.truncate(0);
            }
        };
    }

    private static Work read(Path file) {
        return () -> {
            try (var in = new FileInputStream(file.toFile())) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
        };
    }

    @SuppressWarnings("restricted")
    private static Work faults(Path file) throws Throwable {
        long size = Files.size(file);
        var mapped = FileChannel.open(file).map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.global());
        MethodHandle madvise = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("madvise"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT));
        int ignored = (int) madvise.invokeExact(mapped, size, MADV_RANDOM);
        return () -> {
            int given = (int) madvise.invokeExact(mapped, size, MADV_PAGEOUT);
            for (long at = 0; at < size; at += PAGE) {
                sink = mapped.get(ValueLayout.JAVA_BYTE, at);
            }
        };
    }
}
