// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import java.util.LinkedHashMap;

/** What one system call costs more while the host is being watched. */
final class SyscallBench implements Benchmark {
    private static final String[] CALLS = {"./getppid", "1000", "1000", "1"};

    private static final String NOTHING = "nothing attached";
    private static final String EMPTY = "floor: an empty program";
    private static final String CLOCK = "floor: two empty programs that read the clock";
    private static final String COUNT = "**KFR**, count of each process and call";
    private static final String LATENCY = "**KFR**, with times, errors and histograms";
    private static final String FILES = "**KFR**, with files";
    private static final String ALL = "**KFR**, everything in kernel.jfc";
    private static final String SYSCOUNT = "`syscount` (libbpf-tools)";
    private static final String SYSCOUNT_LATENCY = "`syscount -L` (libbpf-tools)";

    private static final String BPFTRACE_COUNT = "tracepoint:raw_syscalls:sys_enter { @[pid, args->id] = count(); }";
    private static final String BPFTRACE_LATENCY = "tracepoint:raw_syscalls:sys_enter { @start[tid] = nsecs; } "
            + "tracepoint:raw_syscalls:sys_exit /@start[tid]/ "
            + "{ @[pid, args->id] = hist(nsecs - @start[tid]); delete(@start[tid]); }";

    /** It needs a module in the kernel, but for releases since 0.30, which can do with eBPF. */
    private static final String SYSDIG =
            "sysdig --help | grep -q modern-bpf && exec sysdig --modern-bpf -w /dev/null; exec sysdig -w /dev/null";

    @Override
    public String name() {
        return "syscalls";
    }

    @Override
    public String title() {
        return "One system call";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        Command.run("java", "-jar", bench.jar().toString(), "settings", ".");
        var ours = bench.object("syscalls");
        var floor = Path.of("floor.bpf.o");
        var naive = Path.of("naive.bpf.o");
        try (var service = new Service(bench.jar())) {
            var results = new Rounds(bench.rounds())
                    .single(NOTHING, SyscallBench::once)
                    .single(EMPTY, () -> attached(new Consumer(floor, "-", "empty_enter")))
                    .single(CLOCK, () -> attached(new Consumer(floor, "-", "clock_enter", "clock_exit")))
                    .single(COUNT, () -> attached(Consumer.ofOurs(ours, "-", "sys_exit_btf", "counting.syscalls=1")))
                    .single(LATENCY, () -> recording(service, "+kernel.SyscallStatistics#enabled=true"))
                    .single(
                            FILES,
                            () -> recording(
                                    service,
                                    "+kernel.SyscallStatistics#enabled=true",
                                    "+kernel.FileStatistics#enabled=true",
                                    "+kernel.FileOpen#enabled=true"))
                    .single(ALL, () -> recording(service, "settings=kernel.jfc"))
                    .singlePeer(SYSCOUNT, () -> watched("syscount"))
                    .singlePeer(SYSCOUNT_LATENCY, () -> watched("syscount", "-L"))
                    .single(
                            "C and libbpf as in tutorials, count",
                            () -> attached(new Consumer(naive, "-", "count_call")))
                    .single(
                            "C and libbpf as in tutorials, histogram",
                            () -> attached(new Consumer(naive, "-", "time_enter", "time_exit")))
                    .singlePeer("`bpftrace`, count", () -> watched("bpftrace", "-e", BPFTRACE_COUNT))
                    .singlePeer("`bpftrace`, histogram", () -> watched("bpftrace", "-e", BPFTRACE_LATENCY))
                    .singlePeer("`perf trace -a -s`", () -> watched("perf", "trace", "-a", "-s", "-o", "/dev/null"))
                    .singlePeer("`sysdig -w`, all events to nowhere", () -> watched("sh", "-c", SYSDIG))
                    .singlePeer("`strace -c` of that process alone", SyscallBench::traced)
                    .run();
            show(results, answer);
        }
        for (var peer : new String[] {"libbpf-tools", "bpftrace", "linux-perf", "strace", "sysdig", "libbpf1"}) {
            answer.peer(Host.version(peer));
        }
    }

    private static void show(Rounds.Results results, Answer answer) {
        var base = results.of(NOTHING);
        var added = new LinkedHashMap<String, Samples>();
        results.samples()
                .keySet()
                .forEach(name -> added.put(name, results.of(name).minus(base)));
        added.remove(NOTHING);
        var table = new Table(
                "One getppid(2), " + Table.figure(base.median()) + " ns with nothing attached",
                "what",
                "added ns",
                "beside an empty program",
                "beside two that read the clock",
                "beside syscount",
                "beside syscount -L");
        added.forEach((name, samples) -> table.row(
                name,
                samples.toString(),
                beside(samples, added.get(EMPTY)),
                beside(samples, added.get(CLOCK)),
                beside(samples, added.get(SYSCOUNT)),
                beside(samples, added.get(SYSCOUNT_LATENCY))));
        answer.table(table);
        answer.notes(results);
        answer.ratio("count/empty", ratio(added, COUNT, EMPTY));
        answer.ratio("count/syscount", ratio(added, COUNT, SYSCOUNT));
        answer.ratio("histogram/clock", ratio(added, LATENCY, CLOCK));
        answer.ratio("histogram/syscount -L", ratio(added, LATENCY, SYSCOUNT_LATENCY));
        answer.ratio("kernel.jfc/clock", ratio(added, ALL, CLOCK));
    }

    private static String beside(Samples samples, Samples other) {
        return other == null ? "" : Table.figure(samples.over(other).median());
    }

    private static double ratio(LinkedHashMap<String, Samples> added, String a, String b) {
        return added.containsKey(b) ? added.get(a).over(added.get(b)).median() : Double.NaN;
    }

    static double once() throws Exception {
        return Double.parseDouble(Command.run(CALLS));
    }

    private static double attached(Consumer consumer) throws Exception {
        try (consumer) {
            return once();
        }
    }

    private static double watched(String... command) throws Exception {
        try (var peer = Peer.start(command)) {
            return once();
        }
    }

    private static double recording(Service service, String... settings) throws Exception {
        try (var recording = service.record(settings)) {
            Thread.sleep(500); // what it asks for is attached by then
            return once();
        }
    }

    /** A hundredth of the calls: each takes a hundred times as long. */
    private static double traced() throws Exception {
        return Double.parseDouble(Command.run("strace", "-c", "-o", "/dev/null", CALLS[0], "10", "1000", CALLS[3]));
    }
}
