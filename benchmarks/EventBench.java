// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordingFile;

/** What an event costs, from the kernel to a recording on disk, and how many arrive. */
final class EventBench implements Benchmark {
    private static final String KFR = "**KFR**, a recording on disk";
    private static final String C = "C and libbpf, the same programs and ring, raw records to a file";
    static final String CPU = "cpu";
    static final String OFFERED = "offered";
    static final String LOST = "lost";

    private static final int WARM_UP = 3;

    /** Longer than any reader naps. */
    private static final long SETTLE_MILLIS = 300;

    /**
     * Events that are caused.
     *
     * @param title what they are
     * @param key as their ratio is called
     * @param arguments of load.c
     * @param events how many that causes
     * @param type number in {@code enum record_type}
     * @param event name in the recording
     * @param peers other tools that see the same
     */
    record Load(
            String title,
            String key,
            List<String> arguments,
            int events,
            int type,
            String event,
            Map<String, String[]> peers) {
        /** Nanoseconds that it took. */
        double run() throws IOException, InterruptedException {
            var command = new ArrayList<>(List.of("./load"));
            command.addAll(arguments);
            return Double.parseDouble(
                    Command.run(command.toArray(String[]::new)).split(" ")[0]);
        }
    }

    private static final Map<String, String[]> OPEN_PEERS = Map.of(
            "`opensnoop` (libbpf-tools), lines to a file", new String[] {"opensnoop"},
            "`bpftrace`, lines to a file",
                    new String[] {
                        "bpftrace",
                        "-e",
                        "tracepoint:syscalls:sys_enter_openat "
                                + "{ printf(\"%d %s %s\\n\", pid, comm, str(args->filename)); }"
                    });

    private static Load opens(String title, String key, int count, int perSecond, Map<String, String[]> peers) {
        var arguments = List.of("open", Integer.toString(count), Integer.toString(perSecond), "opened");
        return new Load(title, key, arguments, count, 2, "kernel.FileOpen", peers);
    }

    private static Load calls(String title, String key, int count, int perSecond) {
        var arguments = List.of("getppid", Integer.toString(count), Integer.toString(perSecond));
        return new Load(title, key, arguments, count, 0, "kernel.Syscall", Map.of());
    }

    static final Load FLAT_OUT =
            opens("kernel.FileOpen, as many as one CPU can open", "all opens", 500_000, 0, OPEN_PEERS);

    private static final List<Load> LOADS = List.of(
            opens("kernel.FileOpen, 100,000 a second", "opens", 200_000, 100_000, OPEN_PEERS),
            FLAT_OUT,
            calls("kernel.Syscall, 500,000 a second", "calls", 1_000_000, 500_000));

    @Override
    public String name() {
        return "events";
    }

    @Override
    public String title() {
        return "One event";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Files.writeString(Path.of("opened"), "");
        try (var service = new Service(bench.jar())) {
            warmUp(service);
            for (var load : LOADS) {
                var rounds = new Rounds(bench.rounds())
                        .add(KFR, () -> recorded(service, load))
                        .add(C, () -> consumed(bench.object("syscalls"), load));
                load.peers.forEach((peer, command) -> rounds.peer(peer, () -> watched(load, command)));
                show(load, rounds.run(), answer);
            }
        }
        for (var peer : new String[] {"libbpf-tools", "bpftrace", "libbpf1"}) {
            answer.peer(Host.version(peer));
        }
    }

    /** A service runs for days: what its JVM compiles at first is a matter of the start. */
    static void warmUp(Service service) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            for (var load : LOADS) {
                recorded(service, load);
            }
        }
    }

    private static void show(Load load, Rounds.Results results, Answer answer) {
        var table = new Table(
                load.title, "what", "CPU of the reader, ns an event", "beside C", "caused a second", "lost, %");
        for (var variant : results.samples().keySet()) {
            table.row(
                    variant,
                    results.of(variant, CPU).toString(),
                    Table.figure(
                            results.of(variant, CPU).over(results.of(C, CPU)).median()),
                    Table.figure(results.of(variant, OFFERED).median()),
                    results.of(variant, LOST).toString());
        }
        answer.table(table);
        answer.notes(results);
        answer.ratio(
                load.key + "/C", results.of(KFR, CPU).over(results.of(C, CPU)).median());
        answer.ratio(load.key + " lost", results.of(KFR, LOST).median());
    }

    private static Map<String, Double> figures(Load load, double loadNanos, long cpuNanos, long arrived) {
        return Map.of(
                CPU, (double) cpuNanos / Math.max(1, arrived),
                OFFERED, load.events / loadNanos * 1e9,
                LOST, 100.0 * Math.max(0, load.events - arrived) / load.events);
    }

    static Map<String, Double> recorded(Service service, Load load) throws Exception {
        double nanos;
        long used;
        try (var recording = service.record(
                "filename=events.jfr",
                "+" + load.event + "#enabled=true",
                "+" + load.event + "#throttle=off",
                "+" + load.event + "#threshold=0ns")) {
            Thread.sleep(500); // what it asks for is attached by then
            long before = service.cpuNanos();
            nanos = load.run();
            Thread.sleep(SETTLE_MILLIS);
            used = service.cpuNanos() - before;
        }
        return figures(load, nanos, used, arrived(load));
    }

    /** How many events of the load are in the recording. */
    private static long arrived(Load load) throws IOException {
        long arrived = 0;
        try (var file = new RecordingFile(Path.of("events.jfr"))) {
            while (file.hasMoreEvents()) {
                var event = file.readEvent();
                if (event.getEventType().getName().equals(load.event)
                        && event.getString("processName").equals("load")) {
                    arrived++;
                }
            }
        }
        return arrived;
    }

    private static Map<String, Double> consumed(Path object, Load load) throws Exception {
        var enabled = "settings[" + load.type + "].enabled=1";
        try (var consumer = Consumer.ofOurs(object, "events.raw", "sys_enter_btf", "sys_exit_btf", enabled)) {
            Thread.sleep(500);
            long before = consumer.cpuNanos();
            double nanos = load.run();
            Thread.sleep(SETTLE_MILLIS);
            long used = consumer.cpuNanos() - before;
            return figures(load, nanos, used, load.events - consumer.end()[1]);
        }
    }

    private static Map<String, Double> watched(Load load, String... command) throws Exception {
        try (var peer = Peer.start(command)) {
            long before = peer.cpuNanos();
            double nanos = load.run();
            Thread.sleep(SETTLE_MILLIS);
            long used = peer.cpuNanos() - before;
            return figures(load, nanos, used, peer.lines("load"));
        }
    }
}
