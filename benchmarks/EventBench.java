// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/** What an event costs, from the kernel to the recording on disk: opens of one file, all recorded. */
final class EventBench {
    private static final int OPENS = 500_000;

    private EventBench() {}

    static void run(Path jar) throws Exception {
        Files.writeString(Path.of("opened"), "");
        try (var service = new Service(jar)) {
            var variants = new LinkedHashMap<String, Bench.Variant>();
            variants.put("100,000 opens a second", () -> record(service, 100_000));
            variants.put("as many as it can", () -> record(service, 0));
            Bench.print("CPU time of the service for one kernel.FileOpen", "ns", Bench.rounds(variants));
        }
        System.out.println("  events lost in the last run: " + lost());
    }

    private static double record(Service service, int perSecond) throws Exception {
        service.jcmd(
                "JFR.start",
                "name=bench",
                "settings=none",
                "filename=bench.jfr",
                "+kernel.FileOpen#enabled=true",
                "+kernel.FileOpen#throttle=off",
                "+kernel.EventLoss#enabled=true");
        Thread.sleep(500);
        double before = service.cpuSeconds();
        int opens = perSecond == 0 ? OPENS : OPENS / 2;
        Bench.run("./opens", Integer.toString(opens), Integer.toString(perSecond), "opened");
        Thread.sleep(300);
        double used = service.cpuSeconds() - before;
        service.jcmd("JFR.stop", "name=bench");
        return used / opens * 1e9;
    }

    private static long lost() throws IOException {
        long lost = 0;
        try (var file = new jdk.jfr.consumer.RecordingFile(Path.of("bench.jfr"))) {
            while (file.hasMoreEvents()) {
                var event = file.readEvent();
                if (event.getEventType().getName().equals("kernel.EventLoss")) {
                    lost += event.getInt("lost");
                }
            }
        }
        return lost;
    }
}
