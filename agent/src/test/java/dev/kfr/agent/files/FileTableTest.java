// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TableRows;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FileTableTest {
    private static final int DISK = 8 << 20 | 1;
    private static final long LOG = 100;
    private static final long DATA = 200;

    private final TableRows rows = new TableRows("file_row", 4096);
    private final FileNames names = new FileNames(() -> {});
    private final FileTable table = new FileTable(rows.memory(), rows.layout(), names, process -> false);

    FileTableTest() {
        names.learn(DISK, LOG, 0, "/var/log/app.log");
        names.learn(DISK, DATA, 0, "/data/db");
    }

    /** Plays the kernel: one row of one CPU. */
    private int row(long process, long inode) {
        int row = rows.claim();
        rows.set(row, "inode", inode).set(row, "device", DISK).set(row, "process", process);
        return row;
    }

    private void write(int row, long bytes, long nanos) {
        rows.add(row, "writes", 1).add(row, "bytes_written", bytes).add(row, "write_time", nanos);
    }

    private void read(int row, long bytes, long nanos) {
        rows.add(row, "reads", 1).add(row, "bytes_read", bytes).add(row, "read_time", nanos);
    }

    @Test
    void addsUpTheRowsOfAllCpus() {
        long app = Processes.key(1, 7);
        long other = Processes.key(2, 8);
        write(row(app, LOG), 100, 1_000);
        write(row(app, LOG), 50, 2_000);
        read(row(app, DATA), 4096, 9_000);
        write(row(other, LOG), 10, 500);
        FileTotals totals = table.totals();
        assertEquals(new FileCounts(0, 1, 3, 0, 4096, 160, 9_000, 3_500, 0, 0), totals.all());
        List<FileTotals.Entry> files = totals.topFiles(10);
        assertEquals("/data/db", names.path(files.get(0).file()));
        assertEquals("/var/log/app.log", names.path(files.get(1).file()));
        assertEquals(160, files.get(1).counts().bytesWritten());
        List<FileTotals.Entry> processes = totals.topProcesses(1);
        assertEquals(1, processes.size());
        assertEquals(app, processes.get(0).process());
        assertEquals(4096 + 150, processes.get(0).counts().bytes());
    }

    @Test
    void anIntervalHoldsOnlyWhatHappenedInIt() {
        long app = Processes.key(1, 7);
        int log = row(app, LOG);
        write(log, 1_000, 10);
        table.startIntervals();
        write(log, 5, 20);
        rows.add(log, "opens", 1);
        List<FileTable.Row> first = table.nextInterval(100, process -> true).rows();
        assertEquals(
                List.of(new FileTable.Row(app, "/var/log/app.log", new FileCounts(1, 0, 1, 0, 0, 5, 0, 20, 0, 0))),
                first);
        assertTrue(table.nextInterval(100, process -> true).rows().isEmpty(), "nothing happened since");
    }

    @Test
    void onlyTheTopRowsStandAlone() {
        table.startIntervals();
        long app = Processes.key(1, 7);
        for (int i = 1; i <= 10; i++) {
            write(row(app, 1000 + i), i, 1);
        }
        List<FileTable.Row> found = table.nextInterval(2, process -> true).rows();
        assertEquals(
                List.of("8:1/1010", "8:1/1009", FileTable.OTHER),
                found.stream().map(FileTable.Row::path).toList());
        assertEquals(8, found.get(2).counts().writes());
        assertEquals(36, found.get(2).counts().bytesWritten());
    }

    @Test
    void filesThatAreOpenedAgainAndAgainStandAloneHoweverFewBytesTheyHave() {
        table.startIntervals();
        long app = Processes.key(1, 7);
        for (int i = 1; i <= 10; i++) {
            write(row(app, 1000 + i), i, 1);
        }
        rows.add(row(app, 1001), "opens", 500);
        rows.add(row(app, 1002), "opens", 1);
        List<FileTable.Row> found = table.nextInterval(2, process -> true).rows();
        assertEquals(
                List.of("8:1/1010", "8:1/1009", "8:1/1001", FileTable.OTHER),
                found.stream().map(FileTable.Row::path).toList());
        assertEquals(500, found.get(2).counts().opens());
        assertEquals(1, found.get(3).counts().opens());
    }

    @Test
    void ofManyProcessesThoseWithMostHaveARowForTheRestAndAllOthersOneTogether() {
        table.startIntervals();
        for (int pid = 1; pid <= 10; pid++) {
            write(row(Processes.key(pid, 7), 1000), 100 + pid, 1);
            write(row(Processes.key(pid, 7), 2000), pid, 1);
        }
        List<FileTable.Row> found = table.nextInterval(2, process -> true).rows();
        assertEquals(
                List.of(
                        Processes.key(10, 7),
                        Processes.key(9, 7),
                        Processes.key(8, 7),
                        Processes.key(7, 7),
                        FileTable.OVERFLOW),
                found.stream().map(FileTable.Row::process).toList());
        assertEquals(FileTable.OTHER, found.getLast().path());
        assertEquals(20, found.stream().mapToLong(row -> row.counts().writes()).sum(), "writes in all rows");
    }

    @Test
    void whatAnEndedProcessDidIsInTheTotalsAndInTheNextInterval() {
        table.startIntervals();
        long app = Processes.key(1, 7);
        int log = row(app, LOG);
        write(log, 1_000, 10);
        table.ended(app);
        assertEquals(1_000, table.totals().all().bytesWritten());
        assertEquals(0, rows.get(log, "process"));
        assertEquals(0, rows.get(log, "bytes_written"));
        assertEquals(0, table.totals().topProcesses(10).size());
        List<FileTable.Row> found = table.nextInterval(100, process -> true).rows();
        assertEquals(1, found.size());
        assertEquals(1_000, found.get(0).counts().bytesWritten());
    }

    @Test
    void whatFoundNoRowIsInTheTotals() {
        table.startIntervals();
        write(row(FileTable.OVERFLOW, 0), 77, 1);
        assertEquals(77, table.totals().all().bytesWritten());
        assertEquals(0, table.totals().topFiles(10).size());
        assertEquals(
                FileTable.NO_ROW,
                table.nextInterval(10, process -> true).rows().get(0).path());
    }

    @Test
    void aFileWithoutANameHasItsNumbers() {
        assertEquals("8:1/4711", names.path(new FileNames.File(DISK, 4711, 0)));
    }

    @Test
    void namesOfFilesWithoutRowsAreForgotten() {
        long app = Processes.key(1, 7);
        row(app, LOG);
        for (int i = 0; i < 3 * 4096; i++) {
            names.learn(DISK, 10_000 + i, 0, "/tmp/" + i);
        }
        table.ended(Processes.key(99, 1));
        table.totals();
        assertEquals(1, names.size());
        assertEquals("/var/log/app.log", names.path(new FileNames.File(DISK, LOG, 0)));
    }

    @Test
    void aNameThatIsOnItsWayIsWaitedFor() {
        var late = new AtomicReference<FileNames>();
        late.set(new FileNames(() -> late.get().learn(DISK, 4711, 0, "/srv/new")));
        assertEquals("/srv/new", late.get().path(new FileNames.File(DISK, 4711, 0)));
    }

    @Test
    void aProcessThatWroteMuchStandsAloneHoweverManyEndedBeforeIt() {
        table.startIntervals();
        final int storm = 40_000;
        for (int i = 1; i <= storm; i++) {
            long process = Processes.key(i, 7);
            write(row(process, LOG), 1, 1);
            table.ended(process);
            if (i % 1000 == 0) {
                table.totals();
                rows.allFree();
            }
        }
        long job = Processes.key(storm + 1, 7);
        write(row(job, DATA), 1 << 20, 1);
        table.ended(job);
        List<FileTable.Row> found = table.nextInterval(10, process -> true).rows();
        assertEquals(job, found.getFirst().process());
        assertEquals(1 << 20, found.getFirst().counts().bytesWritten());
        assertEquals(
                storm + 1,
                found.stream().mapToLong(row -> row.counts().writes()).sum());
    }
}
