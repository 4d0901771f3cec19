// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import dev.kfr.agent.control.Hook;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.TableSize;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.events.block.BlockIo;
import dev.kfr.events.block.BlockIoStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Requests to disks: the slow ones one by one, all of them counted per disk and operation. */
public final class BlockProbe implements SubjectProbe {
    private static final String OBJECT = "block";

    /** The end comes first: no request is seen to begin and not to end. */
    private static final List<Hook> HOOKS =
            List.of(Hook.of(OBJECT, "block_complete", "btf", "raw"), Hook.of(OBJECT, "block_issue", "btf", "raw"));

    /** Disks and operations of a large host; what finds no row is counted in an overflow row. */
    private static final int ROWS = 512;

    /** Requests on their way at one time: a deep queue for each CPU. What finds no room is counted without its time. */
    private static final int REQUESTS_PER_CPU = 1024;

    private static final int FEWEST_REQUESTS = 4096;
    private static final int MOST_REQUESTS = 65_536;

    private volatile BlockTable table;

    /** The counters; null while they are not in the kernel. */
    public BlockTable table() {
        return table;
    }

    @Override
    public String name() {
        return "block";
    }

    @Override
    public Set<String> objects() {
        return Set.of(OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(new EventSource(() -> BlockIo.class, "RECORD_BLOCK_IO", HOOKS));
    }

    @Override
    public List<Counters> counters() {
        return List.of(new Counters("block", "block", HOOKS, false));
    }

    @Override
    public List<RowSource> rows() {
        return List.of(new RowSource(BlockIoStatistics.class, "block", new BlockRows(this::table)));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        var arguments = KernelBtf.ofRunningKernel().tracepoint("block_rq_issue").parameters();
        int requests = Math.clamp((long) Cpus.possible() * REQUESTS_PER_CPU, FEWEST_REQUESTS, MOST_REQUESTS);
        builder.constant("request_argument", arguments.size() - 1).maxEntries("requests", requests);
        var row = object.struct("block_row");
        TableSize.of(ROWS, row.size()).configure(builder, "block_rows", "block_rows_per_cpu");
    }

    @Override
    public void opened(BpfCollection collection) {
        table = new BlockTable(
                collection.map("block_rows").memory(), collection.object().struct("block_row"));
    }

    @Override
    public void counting(String counters, EventCounters events) {
        var counted = table;
        if (counted != null) {
            counted.clear();
        }
    }

    @Override
    public void closing(String object) {
        table = null;
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        return Map.of("RECORD_BLOCK_IO", new BlockDecoder(writer, subject));
    }
}
