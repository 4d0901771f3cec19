// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.IntToLongFunction;

/**
 * What each CPU spent its time on since boot: the lines {@code cpu0}, {@code cpu1}, ... of {@code /proc/stat} (proc_stat(5)). Immutable.
 *
 * @param nanoTime when it was read
 * @param cpus by number, those that are online
 */
record ProcStat(long nanoTime, TreeMap<Integer, Times> cpus) {
    static final ProcStat NOTHING = new ProcStat(0, new TreeMap<>());

    private static final int FIELDS = 8; // the two behind it are parts of user and nice

    /**
     * One CPU.
     *
     * @param ticks user, nice, system, idle, iowait, irq, softirq, steal; hundredths of a second
     * @param switches between threads, 0 if not known
     */
    record Times(long[] ticks, long switches) {
        /** What was spent since, never less than nothing: the kernel lets iowait go back. */
        private double[] since(Times before) {
            var change = new double[FIELDS];
            for (int i = 0; i < FIELDS; i++) {
                change[i] = Math.max(0, ticks[i] - before.ticks[i]);
            }
            return change;
        }
    }

    /**
     * What a CPU did in an interval; shares of 1.
     *
     * @param switchesPerSecond 0 if not known
     */
    record Usage(
            double user,
            double system,
            double irq,
            double softirq,
            double idle,
            double ioWait,
            double steal,
            double switchesPerSecond) {}

    /**
     * Reads what there is; nothing if it can't be read.
     *
     * @param switches of a CPU since boot, 0 if not known
     */
    static ProcStat read(Path file, IntToLongFunction switches) {
        var cpus = new TreeMap<Integer, Times>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null && line.startsWith("cpu"); line = lines.readLine()) {
                if (!line.startsWith("cpu ")) {
                    add(line, cpus, switches);
                }
            }
        } catch (IOException | NumberFormatException unreadable) {
            return NOTHING;
        }
        return new ProcStat(System.nanoTime(), cpus);
    }

    private static void add(String line, TreeMap<Integer, Times> cpus, IntToLongFunction switches) {
        String[] words = line.split(" ");
        if (words.length > FIELDS) {
            int cpu = Integer.parseInt(words[0], 3, words[0].length(), 10);
            var ticks = Arrays.stream(words, 1, FIELDS + 1)
                    .mapToLong(Long::parseLong)
                    .toArray();
            cpus.put(cpu, new Times(ticks, switches.applyAsLong(cpu)));
        }
    }

    boolean tellsSwitches() {
        return cpus.values().stream().anyMatch(times -> times.switches > 0);
    }

    /** What the CPUs did since an earlier reading, by number; without those that came online since. */
    TreeMap<Integer, Usage> since(ProcStat before) {
        var usage = new TreeMap<Integer, Usage>();
        double seconds = (nanoTime - before.nanoTime) / 1e9;
        cpus.forEach((cpu, now) -> {
            Times then = before.cpus.get(cpu);
            if (then != null) {
                var ticks = now.since(then);
                double all = Arrays.stream(ticks).sum();
                if (all > 0) {
                    double switches = then.switches == 0 ? 0 : (now.switches - then.switches) / seconds;
                    usage.put(cpu, usage(ticks, all, Math.max(0, switches)));
                }
            }
        });
        return usage;
    }

    /** What the CPUs did since boot, as an average; how often they switched is not told. */
    TreeMap<Integer, Usage> sinceBoot() {
        var boot = new TreeMap<Integer, Times>();
        cpus.keySet().forEach(cpu -> boot.put(cpu, new Times(new long[FIELDS], 0)));
        return since(new ProcStat(0, boot));
    }

    private static Usage usage(double[] ticks, double all, double switches) {
        return new Usage(
                (ticks[0] + ticks[1]) / all,
                ticks[2] / all,
                ticks[5] / all,
                ticks[6] / all,
                ticks[3] / all,
                ticks[4] / all,
                ticks[7] / all,
                switches);
    }
}
