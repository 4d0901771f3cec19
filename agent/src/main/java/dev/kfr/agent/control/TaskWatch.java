// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Tasks;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.linux.Cpus;
import java.util.List;
import java.util.Map;

/**
 * Brings {@link Tasks} and the programs that they are made from together. Subjects that read tasks pass on what they are told: whichever comes
 * first counts. For the control thread.
 */
public final class TaskWatch {
    /** The eBPF object that holds the programs. */
    public static final String OBJECT = "cpu";

    /** Walks over all threads when it is read; attached, it costs nothing. */
    private static final Hook ITERATOR = Hook.of(OBJECT, "tasks", "iter");

    /** A thread's structure is freed: what it has used up is final. */
    private static final Hook FREE = Hook.of(OBJECT, "task_free", "btf", "raw");

    /** What tasks need. The ends come before the first look, so that no thread ends unseen. */
    public static final List<Hook> HOOKS = List.of(FREE, ITERATOR);

    private final Tasks tasks;
    private BpfObject object;

    public TaskWatch(Tasks tasks) {
        this.tasks = tasks;
    }

    /** For {@link SubjectProbe#configure}. */
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        if (object.name().equals(OBJECT)) {
            builder.maxEntries("run_queue_rows", Cpus.possible());
        }
    }

    /** For {@link SubjectProbe#opened}. */
    public void opened(BpfCollection collection) {
        if (collection.object().name().equals(OBJECT)) {
            object = collection.object();
        }
    }

    /** For {@link SubjectProbe#attached}. */
    public void attached(Hook hook, BpfLink link) {
        if (hook.equals(ITERATOR)) {
            int leads = Math.toIntExact(object.enumValue("task_flags", "TASK_LEADS"));
            tasks.attached(link, object.struct("task_counts"), object.struct("task_ended_record"), leads);
        }
    }

    /** For {@link SubjectProbe#detaching}. */
    public void detaching(Hook hook) {
        if (hook.equals(ITERATOR)) {
            tasks.detaching();
        }
    }

    /** For {@link SubjectProbe#listeners}. */
    public Map<String, Decoder> listeners(String object) {
        return object.equals(OBJECT) ? Map.of("RECORD_TASK_ENDED", tasks) : Map.of();
    }
}
