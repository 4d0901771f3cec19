// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Files;
import java.nio.file.Path;

/** The hot Java code alone, under JMH. */
final class JmhBench implements Benchmark {
    private static final String VERSION = "1.37";

    @Override
    public String name() {
        return "jmh";
    }

    @Override
    public String title() {
        return "The hot Java code";
    }

    @Override
    public void run(Bench bench, Answer answer) throws Exception {
        var benchmarks = bench.root().resolve("benchmarks");
        Command.run(
                "mvn",
                "-B",
                "-q",
                "-f",
                bench.root().resolve("pom.xml").toString(),
                "-Pbenchmarks",
                "-DskipTests",
                "-pl",
                "benchmarks",
                "-am",
                "package");
        Command.run(
                "java",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Xlog:disable",
                "-cp",
                benchmarks.resolve("target/classes") + ":" + benchmarks.resolve("target/lib") + "/*",
                "org.openjdk.jmh.Main",
                "-f",
                "1",
                "-wi",
                "5",
                "-w",
                "1",
                "-i",
                Integer.toString(bench.rounds()),
                "-r",
                "1",
                "-rf",
                "csv",
                "-rff",
                "jmh.csv");
        var table = new Table("The hot Java code alone; ns an operation", "what", "mean", "error of 99.9 %");
        for (var line : Files.readAllLines(Path.of("jmh.csv")).stream().skip(1).toList()) {
            var cells = line.replace("\"", "").split(",");
            var words = cells[0].split("\\.");
            double mean = Double.parseDouble(cells[4]);
            var what = words[words.length - 2] + "." + words[words.length - 1];
            table.row(what, Table.figure(mean), Table.figure(Double.parseDouble(cells[5])));
            answer.ratio(what + " ns", mean);
        }
        answer.table(table);
        answer.peer("JMH " + VERSION);
    }
}
