// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** The machine that is measured on. */
final class Host {
    private Host() {}

    /** Date, kernel, CPUs, memory and JDK. */
    static String description() {
        return LocalDate.now() + ", Linux " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " CPUs (" + line("/proc/cpuinfo", "model name") + "), "
                + Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / (1 << 20) + " GB, JDK "
                + Runtime.version();
    }

    /** Package and version of a peer; empty if it is not installed as a package. */
    static String version(String name) throws IOException, InterruptedException {
        try {
            return name + " " + Command.run("dpkg-query", "-W", "-f", "${Version}", name);
        } catch (IOException notInstalled) {
            return "";
        }
    }

    private static String line(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("0");
        } catch (IOException e) {
            return "0";
        }
    }
}
