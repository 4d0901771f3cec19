// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several JVMs with the agent on one host, and an agent that shares a CPU with what it watches. Processes and threads: {@link MBeanBench}. */
final class ScaleBench implements Benchmark {
    private static final List<Integer> JVMS = List.of(1, 4, 10);
    private static final String NOTHING = "nothing attached";
    private static final String SHARED = "the agent on the CPU that opens";
    private static final String APART = "two CPUs";

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String title() {
        return "Several JVMs, one CPU";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Command.run("java", "-jar", bench.jar().toString(), "settings", ".");
        jvms(bench, answer);
        cpus(bench, answer);
    }

    private static void jvms(Bench bench, Answer answer) throws Exception {
        var all = new Rounds(bench.rounds()).single(NOTHING, SyscallBench::once);
        for (int jvms : JVMS) {
            all.add(Integer.toString(jvms), () -> with(bench, jvms));
        }
        var results = all.run();
        var base = results.of(NOTHING);
        var table = new Table(
                "One getppid(2) with several JVMs that have the agent, " + Table.figure(base.median()) + " ns without",
                "JVMs",
                "added ns, no recording",
                "added ns, each records kernel.jfc",
                "beside one JVM");
        var one = results.of("1", "recording").minus(base);
        for (int jvms : JVMS) {
            var recording = results.of(Integer.toString(jvms), "recording").minus(base);
            table.row(
                    Integer.toString(jvms),
                    results.of(Integer.toString(jvms), "idle").minus(base).toString(),
                    recording.toString(),
                    Table.figure(recording.over(one).median()));
        }
        answer.table(table);
    }

    private static Map<String, Double> with(Bench bench, int jvms) throws Exception {
        var services = new ArrayList<Service>();
        var recordings = new ArrayList<Service.Recording>();
        try {
            for (int i = 0; i < jvms; i++) {
                services.add(new Service(bench.jar()));
            }
            double idle = SyscallBench.once();
            for (var service : services) {
                recordings.add(service.record("settings=kernel.jfc"));
            }
            Thread.sleep(500); // what they ask for is attached by then
            return Map.of("idle", idle, "recording", SyscallBench.once());
        } finally {
            for (var recording : recordings) {
                recording.close();
            }
            for (var service : services) {
                service.close();
            }
        }
    }

    private static void cpus(Bench bench, Answer answer) throws Exception {
        Files.writeString(Path.of("opened"), "");
        try (var service = new Service(bench.jar())) {
            EventBench.warmUp(service);
            var results = new Rounds(bench.rounds())
                    .add(APART, () -> EventBench.recorded(service, EventBench.FLAT_OUT))
                    .add(SHARED, () -> shared(service))
                    .run();
            var table = new Table(
                    "kernel.FileOpen, as many as one CPU can open",
                    "where",
                    "CPU of the reader, ns an event",
                    "caused a second",
                    "lost, %");
            for (var where : List.of(APART, SHARED)) {
                table.row(
                        where,
                        results.of(where, EventBench.CPU).toString(),
                        results.of(where, EventBench.OFFERED).toString(),
                        results.of(where, EventBench.LOST).toString());
            }
            answer.table(table);
        }
    }

    private static Map<String, Double> shared(Service service) throws Exception {
        bind(service, "1"); // where load.c runs
        try {
            return EventBench.recorded(service, EventBench.FLAT_OUT);
        } finally {
            bind(service, "0-" + (Runtime.getRuntime().availableProcessors() - 1));
        }
    }

    private static void bind(Service service, String cpus) throws Exception {
        Command.run("taskset", "-a", "-p", "-c", cpus, Long.toString(service.pid()));
    }
}
