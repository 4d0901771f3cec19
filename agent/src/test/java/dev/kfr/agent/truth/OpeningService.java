// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import jdk.jfr.Event;
import jdk.jfr.StackTrace;

/**
 * A service whose threads open files, each its own, and record an event around each open. Told by lines on its standard input: {@code start
 * THREADS PREFIX} adds threads, {@code open N} has all threads open their file N times. Its threads stay until it ends.
 */
public final class OpeningService {
    private OpeningService() {}

    /** Around one open. */
    @StackTrace(false)
    public static final class Opening extends Event {
        String path;

        /** System.nanoTime() */
        long before;

        long after;
    }

    private record Task(int opens, CountDownLatch done) {}

    private static final class Opener {
        private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
        private final String path;

        Opener(String path, CountDownLatch running) throws IOException {
            this.path = path;
            Files.createFile(Path.of(path));
            Thread.ofPlatform().daemon().name("opener " + path).start(() -> run(running));
        }

        private void run(CountDownLatch running) {
            running.countDown();
            try {
                while (true) {
                    var task = tasks.take();
                    for (int i = 0; i < task.opens; i++) {
                        open();
                    }
                    task.done.countDown();
                }
            } catch (IOException | InterruptedException e) {
                e.printStackTrace();
            }
        }

        private void open() throws IOException {
            var event = new Opening();
            event.path = path;
            event.begin();
            event.before = System.nanoTime();
            var file = new FileInputStream(path);
            event.after = System.nanoTime();
            event.end();
            event.commit();
            file.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<Opener> openers = new ArrayList<>();
        int starts = 0;
        int opens = 0;
        System.out.println("ready");
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = input.readLine(); line != null; line = input.readLine()) {
            var words = line.split(" ");
            int number = Integer.parseInt(words[1]);
            if (words[0].equals("start")) {
                var running = new CountDownLatch(number);
                for (int i = 0; i < number; i++) {
                    openers.add(new Opener(words[2] + i, running));
                }
                running.await();
                System.out.println("started " + ++starts);
            } else {
                var done = new CountDownLatch(openers.size());
                openers.forEach(opener -> opener.tasks.add(new Task(number, done)));
                done.await();
                System.out.println("opened " + ++opens);
            }
        }
    }
}
