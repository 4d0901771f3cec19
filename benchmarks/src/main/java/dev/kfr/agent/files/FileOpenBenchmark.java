// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Containers;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Delivery;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.JavaThreads;
import dev.kfr.agent.record.KernelClock;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Record;
import dev.kfr.agent.record.Surroundings;
import dev.kfr.agent.record.Text;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.StructLayout;
import dev.kfr.events.KernelEvents;
import dev.kfr.events.files.FileOpen;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One record of an opened file to an event in a recording in memory, and what parts of that take. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FileOpenBenchmark {
    private static final int PID = 4711;
    private static final long CGROUP = 1;
    private static final long OPENED_AS = 02000000; // O_CLOEXEC

    private final MemorySegment memory = Arena.global().allocate(4096, 8);
    private final Record record = new Record();
    private KernelClock clock;
    private Text text;
    private Decoder decoder;
    private Recording recording;
    private int name;
    private long now;

    @Setup
    public void setup() throws IOException {
        for (var type : KernelEvents.ALL) {
            FlightRecorder.register(type);
        }
        recording = new Recording();
        recording.enable("kernel.FileOpen").withThreshold(Duration.ZERO);
        recording.setToDisk(false); // disks differ, and are slower than this
        recording.start();
        clock = new KernelClock();
        clock.refresh();
        text = new Text();
        var object = object();
        var identity = AgentIdentity.ofThisProcess();
        var containers = new Containers(identity);
        containers.learn(CGROUP, "/");
        var around = new Surroundings(clock, text, JavaThreads.open(), containers, identity.pid(), false);
        var writer = new EventWriter(new Layouts(object, text), around, new Delivery(8));
        decoder = new FileDecoders(writer, Integer::toString, new OpenFlags(false), 1).open();
        fill(object.struct("header"), object.struct("file_record"));
    }

    private static BpfObject object() throws IOException {
        try (var in = BpfObject.class.getResourceAsStream("/bpf/x86_64/syscalls.bpf.o")) {
            return BpfObject.parse("syscalls", in.readAllBytes());
        }
    }

    /** As the kernel side writes it. */
    private void fill(StructLayout header, StructLayout open) {
        var path = "performance.md\0docs\0project\0home\0".getBytes(StandardCharsets.US_ASCII);
        now = System.nanoTime();
        memory.set(ValueLayout.JAVA_LONG, header.field("start").offset(), now);
        memory.set(ValueLayout.JAVA_LONG, header.field("duration").offset(), 1500);
        memory.set(ValueLayout.JAVA_LONG, header.field("cgroup").offset(), CGROUP);
        memory.set(ValueLayout.JAVA_INT, header.field("pid").offset(), PID);
        memory.set(ValueLayout.JAVA_INT, header.field("tid").offset(), PID + 1);
        name = header.field("thread_name").offset();
        memory.setString(name, "worker-17");
        memory.setString(header.field("process_name").offset(), "service");
        memory.set(ValueLayout.JAVA_LONG, open.field("result").offset(), 5);
        memory.set(ValueLayout.JAVA_INT, open.field("open_flags").offset(), (int) OPENED_AS);
        memory.set(ValueLayout.JAVA_SHORT, open.field("path_length").offset(), (short) path.length);
        MemorySegment.copy(path, 0, memory, ValueLayout.JAVA_BYTE, open.size(), path.length);
        record.move(memory, 0, open.size() + path.length);
    }

    @TearDown
    public void stop() {
        recording.close();
    }

    /** All of it. */
    @Benchmark
    public void decode() {
        decoder.decode(record);
    }

    /** An event that has its fields by then. */
    @Benchmark
    public void commit() {
        var event = new FileOpen();
        event.pid = PID;
        event.osThreadId = PID + 1;
        event.processName = "service";
        event.threadName = "worker-17";
        event.container = "";
        event.pidNamespace = "";
        event.path = "/home/project/docs/performance.md";
        event.flags = "O_RDONLY|O_CLOEXEC";
        event.mode = "";
        event.error = "";
        event.times(clock.ticks(now), 1500);
        event.commit();
    }

    /** A time of the kernel in JFR's ticks. */
    @Benchmark
    public long clock() {
        return clock.ticks(now);
    }

    /** The name of a thread. */
    @Benchmark
    public String text() {
        return text.terminated(record, name, 16);
    }
}
