// SPDX-License-Identifier: Apache-2.0
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.btf.KernelBtf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/** What one system call costs more while the host is being watched. */
final class SyscallBench {
    private static final String[] CALLS = {"./getppid", "20", "100000", "1"};

    private SyscallBench() {}

    static void run(Path jar) throws Exception {
        Bench.run("java", "-jar", jar.toString(), "settings", ".");
        try (var service = new Service(jar)) {
            var variants = new LinkedHashMap<String, Bench.Variant>();
            variants.put("nothing attached", SyscallBench::once);
            variants.put("floor: two empty programs", () -> floor("empty"));
            variants.put("floor: two programs that read the clock", () -> floor("clock"));
            variants.put(
                    "kernel.SyscallStatistics",
                    () -> recording(service, "settings=none", "+kernel.SyscallStatistics#enabled=true"));
            variants.put("all kernel events with their defaults", () -> recording(service, "settings=kernel.jfc"));
            variants.put("syscount -L", SyscallBench::syscount);
            var results = Bench.rounds(variants);
            Bench.print("One getppid(2)", "ns", results);
            double base = Bench.median(results.get("nothing attached"));
            System.out.println("  added:");
            results.forEach((name, v) -> System.out.printf("  %-44s %9.1f%n", name, Bench.median(v) - base));
        }
    }

    private static double once() throws Exception {
        return Double.parseDouble(Bench.run(CALLS));
    }

    private static double floor(String kind) throws Exception {
        var object = BpfObject.parse("floor", Files.readAllBytes(Path.of("floor.bpf.o")));
        try (var collection =
                BpfCollection.of(object).kernel(KernelBtf.ofRunningKernel()).open()) {
            collection.load(kind + "_enter").attach();
            collection.load(kind + "_exit").attach();
            return once();
        }
    }

    private static double recording(Service service, String... settings) throws Exception {
        var start = new String[settings.length + 2];
        start[0] = "JFR.start";
        start[1] = "name=bench";
        System.arraycopy(settings, 0, start, 2, settings.length);
        service.jcmd(start);
        try {
            Thread.sleep(500);
            return once();
        } finally {
            service.jcmd("JFR.stop", "name=bench");
        }
    }

    private static double syscount() throws Exception {
        // It wants tracefs, which need not be mounted: it gets one of its own.
        var peer = new ProcessBuilder(
                        "unshare", "-m", "sh", "-c", "mount -t tracefs tracefs /sys/kernel/tracing && exec syscount -L")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Thread.sleep(2000);
            if (!peer.isAlive()) {
                throw new IllegalStateException("syscount ended early");
            }
            return once();
        } finally {
            peer.destroy();
            peer.waitFor();
        }
    }
}
