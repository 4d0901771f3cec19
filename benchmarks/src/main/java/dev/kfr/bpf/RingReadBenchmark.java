// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One record of the ring, handed to a handler that reads but its type. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingReadBenchmark {
    private static final int PAGE = 4096;
    private static final int SIZE = 1 << 20;
    private static final int RECORD = 168;
    private static final int STEP = 8 + RECORD;
    private static final int RECORDS = 4096;

    private final MemorySegment consumer = Arena.global().allocate(PAGE, PAGE);
    private final MemorySegment producer = Arena.global().allocate(PAGE + 2L * SIZE, PAGE);
    private final RingReader reader = new RingReader(consumer, producer, (from, length) -> {}, PAGE, SIZE);
    private int types;

    public RingReadBenchmark() {
        for (long at = 0; at < (long) RECORDS * STEP; at += STEP) {
            producer.set(ValueLayout.JAVA_INT, PAGE + at, RECORD);
        }
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int read() {
        consumer.set(ValueLayout.JAVA_LONG, 0, 0);
        producer.set(ValueLayout.JAVA_LONG, 0, (long) RECORDS * STEP);
        reader.drain((memory, offset, length) -> types += memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset), RECORDS);
        return types;
    }
}
