// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.SyscallHooks;
import dev.kfr.agent.control.TableSize;
import dev.kfr.agent.record.CountedProcesses;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.ProcessEnds;
import dev.kfr.agent.record.Processes;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.events.files.FileDelete;
import dev.kfr.events.files.FileOpen;
import dev.kfr.events.files.FileRead;
import dev.kfr.events.files.FileRename;
import dev.kfr.events.files.FileStatistics;
import dev.kfr.events.files.FileSync;
import dev.kfr.events.files.FileWrite;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** Files: opened, read, written, synced, removed and renamed, one by one and counted per process and file. */
public final class FilesProbe implements SubjectProbe {
    private final int capacity;
    private final IntFunction<String> calls;
    private final FileNames names;
    private final Processes processes;
    private volatile FileTable table;

    /**
     * @param capacity how many processes the table is to hold
     * @param processes names of processes
     * @param calls names of system calls by their numbers
     */
    public FilesProbe(int capacity, Processes processes, IntFunction<String> calls) {
        this.capacity = capacity;
        this.calls = calls;
        this.processes = processes;
        this.names = new FileNames(processes::readOn);
    }

    /** Paths of the files in the table. */
    public FileNames names() {
        return names;
    }

    /** The counters; null while they are not in the kernel. */
    public FileTable table() {
        return table;
    }

    @Override
    public void ended(ProcessEnds.End end) {
        CountedProcesses.ended(table, end);
    }

    @Override
    public String name() {
        return "files";
    }

    @Override
    public Set<String> objects() {
        return Set.of(SyscallHooks.OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> FileOpen.class, "RECORD_FILE_OPEN", SyscallHooks.BOTH),
                new EventSource(() -> FileRead.class, "RECORD_FILE_READ", SyscallHooks.BOTH),
                new EventSource(() -> FileWrite.class, "RECORD_FILE_WRITE", SyscallHooks.BOTH),
                new EventSource(() -> FileSync.class, "RECORD_FILE_SYNC", SyscallHooks.BOTH),
                new EventSource(() -> FileDelete.class, "RECORD_FILE_DELETE", SyscallHooks.BOTH),
                new EventSource(() -> FileRename.class, "RECORD_FILE_RENAME", SyscallHooks.BOTH));
    }

    @Override
    public List<Counters> counters() {
        return List.of(new Counters("files", "files", SyscallHooks.BOTH, true));
    }

    @Override
    public List<RowSource> rows() {
        return List.of(new RowSource(FileStatistics.class, "files", new FileRows(this::table, processes)));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        var row = object.struct("file_row");
        TableSize.of(capacity, row.size()).configure(builder, "file_rows", "file_rows_per_cpu");
    }

    @Override
    public void opened(BpfCollection collection) {
        table = new FileTable(
                collection.map("file_rows").memory(), collection.object().struct("file_row"), names, processes::alive);
    }

    @Override
    public void counting(String counters, EventCounters events) {
        events.clearNames();
        var counted = table;
        if (counted != null) {
            counted.clear();
        }
    }

    @Override
    public void closing(String object) {
        table = null;
        names.keep(Set.of());
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var flags = new OpenFlags(System.getProperty("os.arch").equals("aarch64"));
        var decoders = new FileDecoders(writer, calls, flags, subject);
        return Map.of(
                "RECORD_FILE_OPEN", decoders.open(),
                "RECORD_FILE_READ", decoders.read(),
                "RECORD_FILE_WRITE", decoders.write(),
                "RECORD_FILE_SYNC", decoders.sync(),
                "RECORD_FILE_DELETE", decoders.delete(),
                "RECORD_FILE_RENAME", decoders.rename());
    }

    @Override
    public Map<String, Decoder> listeners(String object, Layouts layouts) {
        var file = new FileRecord(layouts);
        return Map.of("RECORD_FILE_NAME", record -> {
            var path = file.path(record);
            if (!path.isEmpty()) {
                names.learn(file.device(record), file.inode(record), file.inodeGeneration(record), path);
            }
        });
    }
}
