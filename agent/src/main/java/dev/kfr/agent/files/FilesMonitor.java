// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import static dev.kfr.agent.jmx.TextTable.bytes;
import static dev.kfr.agent.jmx.TextTable.count;
import static dev.kfr.agent.jmx.TextTable.rate;
import static dev.kfr.agent.jmx.TextTable.time;

import dev.kfr.agent.jmx.Counters;
import dev.kfr.agent.jmx.CountersMonitor;
import dev.kfr.agent.jmx.OneLook;
import dev.kfr.agent.jmx.Rates;
import dev.kfr.agent.jmx.Since;
import dev.kfr.agent.jmx.TextTable;
import dev.kfr.agent.record.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Behind {@code kernel:type=Files}. Thread-safe. */
public final class FilesMonitor extends CountersMonitor implements FilesMXBean {
    private record Look(FileTotals totals, FileCounts all, long deletes, long renames, double[] rates) {}

    private final Counters<FileCounters> counters;
    private final Processes processes;
    private final FileNames names;
    private final OneLook<Look> look = new OneLook<>(this::look);
    private final Rates rates = new Rates(12);

    /** @param names of the files in the table */
    public FilesMonitor(Counters<FileCounters> counters, Processes processes, FileNames names) {
        super(counters);
        this.counters = counters;
        this.processes = processes;
        this.names = names;
    }

    private Look look() {
        FileCounters now = counters.demand();
        FileTotals totals = totals(now);
        FileCounts all = totals.all();
        long deletes = now == null ? 0 : now.events().deletes();
        long renames = now == null ? 0 : now.events().renames();
        double[] perSecond = rates.read(
                System.nanoTime(),
                all.opens(),
                all.reads(),
                all.writes(),
                all.syncs(),
                all.bytesRead(),
                all.bytesWritten(),
                deletes,
                renames,
                all.errors(),
                all.readTime(),
                all.writeTime(),
                all.syncTime());
        return new Look(totals, all, deletes, renames, perSecond);
    }

    private static FileTotals totals(FileCounters now) {
        if (now != null) {
            try {
                return now.table().totals();
            } catch (IllegalStateException closed) {
                // taken out of the kernel meanwhile: as if there had been none
            }
        }
        return new FileTotals(new long[FileCounts.FIELDS]);
    }

    @Override
    public <R> R during(Supplier<R> request) {
        return look.during(request);
    }

    @Override
    public long getOpens() {
        return look.get().all.opens();
    }

    @Override
    public long getReads() {
        return look.get().all.reads();
    }

    @Override
    public long getWrites() {
        return look.get().all.writes();
    }

    @Override
    public long getSyncs() {
        return look.get().all.syncs();
    }

    @Override
    public long getDeletes() {
        return look.get().deletes;
    }

    @Override
    public long getRenames() {
        return look.get().renames;
    }

    @Override
    public long getErrors() {
        return look.get().all.errors();
    }

    @Override
    public long getBytesRead() {
        return look.get().all.bytesRead();
    }

    @Override
    public long getBytesWritten() {
        return look.get().all.bytesWritten();
    }

    @Override
    public long getReadTime() {
        return look.get().all.readTime();
    }

    @Override
    public long getWriteTime() {
        return look.get().all.writeTime();
    }

    @Override
    public long getSyncTime() {
        return look.get().all.syncTime();
    }

    @Override
    public double getOpensPerSecond() {
        return look.get().rates[0];
    }

    @Override
    public double getReadsPerSecond() {
        return look.get().rates[1];
    }

    @Override
    public double getWritesPerSecond() {
        return look.get().rates[2];
    }

    @Override
    public double getSyncsPerSecond() {
        return look.get().rates[3];
    }

    @Override
    public double getBytesReadPerSecond() {
        return look.get().rates[4];
    }

    @Override
    public double getBytesWrittenPerSecond() {
        return look.get().rates[5];
    }

    @Override
    public double getDeletesPerSecond() {
        return look.get().rates[6];
    }

    @Override
    public double getRenamesPerSecond() {
        return look.get().rates[7];
    }

    @Override
    public double getErrorsPerSecond() {
        return look.get().rates[8];
    }

    @Override
    public double getReadTimePerSecond() {
        return look.get().rates[9];
    }

    @Override
    public double getWriteTimePerSecond() {
        return look.get().rates[10];
    }

    @Override
    public double getSyncTimePerSecond() {
        return look.get().rates[11];
    }

    @Override
    public List<FileRow> getTopFiles() {
        var rows = new ArrayList<FileRow>();
        for (FileTotals.Entry entry : look.get().totals.topFiles(tableSize.get())) {
            FileCounts c = entry.counts();
            rows.add(new FileRow(
                    names.path(entry.file()),
                    c.opens(),
                    c.reads(),
                    c.writes(),
                    c.syncs(),
                    c.bytesRead(),
                    c.bytesWritten(),
                    c.readTime(),
                    c.writeTime(),
                    c.syncTime()));
        }
        return rows;
    }

    @Override
    public List<ProcessRow> getTopProcesses() {
        var rows = new ArrayList<ProcessRow>();
        for (FileTotals.Entry entry : look.get().totals.topProcesses(tableSize.get())) {
            Processes.Info process = processes.of(entry.process());
            FileCounts c = entry.counts();
            rows.add(new ProcessRow(
                    process.pid(),
                    process.name(),
                    process.container(),
                    c.opens(),
                    c.reads(),
                    c.writes(),
                    c.syncs(),
                    c.bytesRead(),
                    c.bytesWritten(),
                    c.readTime(),
                    c.writeTime(),
                    c.syncTime()));
        }
        return rows;
    }

    @Override
    public String show() {
        return look.during(() -> {
            Look now = look.get();
            FileCounts all = now.all;
            String head = "Files since " + Since.text(counters) + "\n"
                    + "  " + count(all.opens()) + " opens (" + rate(now.rates[0]) + "/s), "
                    + count(all.reads()) + " reads of " + bytes(all.bytesRead()) + " in " + time(all.readTime()) + ", "
                    + count(all.writes()) + " writes of " + bytes(all.bytesWritten()) + " in "
                    + time(all.writeTime()) + ", "
                    + count(all.syncs()) + " syncs in " + time(all.syncTime()) + ", "
                    + count(now.deletes) + " deletes, " + count(now.renames) + " renames, "
                    + count(all.errors()) + " failed\n\n";
            return head + topFiles() + "\n" + topProcesses();
        });
    }

    private static final String[] COLUMNS = {
        ">opens", ">reads", ">read", ">read time", ">writes", ">written", ">write time", ">syncs", ">sync time"
    };

    private String topFiles() {
        var table = new TextTable("Files with most bytes", heads("file"));
        for (FileRow row : getTopFiles()) {
            table.row(
                    count(row.opens()),
                    count(row.reads()),
                    bytes(row.bytesRead()),
                    time(row.readTime()),
                    count(row.writes()),
                    bytes(row.bytesWritten()),
                    time(row.writeTime()),
                    count(row.syncs()),
                    time(row.syncTime()),
                    row.path());
        }
        return table.toString();
    }

    private String topProcesses() {
        var table = new TextTable("Processes with most bytes", heads(">pid", "process", "container"));
        for (ProcessRow row : getTopProcesses()) {
            table.row(
                    count(row.opens()),
                    count(row.reads()),
                    bytes(row.bytesRead()),
                    time(row.readTime()),
                    count(row.writes()),
                    bytes(row.bytesWritten()),
                    time(row.writeTime()),
                    count(row.syncs()),
                    time(row.syncTime()),
                    row.pid(),
                    row.name(),
                    row.container());
        }
        return table.toString();
    }

    /** What it is about stands last: paths are long. */
    private static String[] heads(String... last) {
        var heads = new ArrayList<>(List.of(COLUMNS));
        heads.addAll(List.of(last));
        return heads.toArray(String[]::new);
    }
}
