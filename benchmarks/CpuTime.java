// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Predicate;

/** CPU time of a process as the scheduler counts it, to the nanosecond; {@code /proc/PID/stat} has it in steps of 10 ms. */
final class CpuTime {
    private CpuTime() {}

    /** Nanoseconds of all threads that the process has now. */
    static long of(long pid) throws IOException {
        return of(pid, name -> true);
    }

    /** Nanoseconds of the threads whose names match. */
    static long of(long pid, Predicate<String> name) throws IOException {
        long nanos = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (var thread : threads) {
                try {
                    if (name.test(Files.readString(thread.resolve("comm")).strip())) {
                        nanos += Long.parseLong(
                                Files.readString(thread.resolve("schedstat")).split(" ")[0]);
                    }
                } catch (NoSuchFileException ended) {
                    // it has nothing to do with what is measured
                }
            }
        }
        return nanos;
    }
}
