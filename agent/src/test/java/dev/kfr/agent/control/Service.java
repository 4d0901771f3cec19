// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.util.concurrent.CountDownLatch;

/** A service whose recording ends in one of several ways; what waits at that time must be in the file. */
final class Service {
    public static void main(String[] arguments) throws Exception {
        var registered = new CountDownLatch(1);
        var watch = new RecorderWatch(registered::countDown);
        registered.await();
        var types = new EventTypes(Throwable::printStackTrace);
        types.onPeriod(ChunkEnd.class, Service::writeWhatWaits);
        types.onPeriod(SyscallStatistics.class, () -> {
            throw new IllegalStateException("reaches nobody's standard output");
        });
        System.err.println("started " + watch.started());
        switch (arguments[0]) {
            case "return" -> {}
            case "exit" -> System.exit(0);
            case "wait" -> Thread.sleep(60_000);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void writeWhatWaits() {
        var end = new ChunkEnd();
        end.begin();
        var row = new SyscallStatistics();
        row.syscall = "the tail";
        row.commit();
        end.rows = 1;
        end.complete = true;
        end.commit();
    }
}
