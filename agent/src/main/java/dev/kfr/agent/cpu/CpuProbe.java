// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import dev.kfr.agent.control.EffectiveSettings;
import dev.kfr.agent.control.EventSettings;
import dev.kfr.agent.control.Hook;
import dev.kfr.agent.control.PreemptCount;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.control.TaskWatch;
import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.EventWriter;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TaskAccount;
import dev.kfr.agent.record.TaskCounts;
import dev.kfr.agent.record.Tasks;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.events.Scope;
import dev.kfr.events.cpu.CpuUsage;
import dev.kfr.events.cpu.OffCpu;
import dev.kfr.events.cpu.ProcessCpu;
import dev.kfr.events.cpu.RunQueueWait;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** CPUs: time, waits and switches of processes from the kernel's own counters, and waits one by one from the scheduler's tracepoints. */
public final class CpuProbe implements SubjectProbe {
    /** Name of the counters behind {@link RunQueue}: they need programs on the hot path, the others do not. */
    public static final String LATENCY = "cpu.latency";

    private static final String OBJECT = TaskWatch.OBJECT;
    private static final Hook SWITCH = Hook.of(OBJECT, "sched_switch", "btf", "raw");
    private static final Hook WAKEUP = Hook.of(OBJECT, "sched_wakeup", "btf", "raw");
    private static final Hook WAKEUP_NEW = Hook.of(OBJECT, "sched_wakeup_new", "btf", "raw");
    private static final Hook WAKING = Hook.of(OBJECT, "sched_waking", "btf", "raw");
    private static final List<Hook> RUN_QUEUE = List.of(SWITCH, WAKEUP, WAKEUP_NEW);
    private static final List<Hook> OFF_CPU = List.of(SWITCH, WAKING);
    private static final Set<Hook> STAMPING = Set.of(SWITCH, WAKEUP, WAKEUP_NEW, WAKING);

    private final Processes processes;
    private final IntFunction<String> calls;
    private final TaskWatch watch;
    private final Tasks tasks;
    private final TaskAccount account;
    private volatile RunQueue runQueue;
    private BpfCollection collection;
    private List<Stamped> stamped = List.of(Stamped.NOBODY, Stamped.NOBODY);
    private CpuUsageRows usage; // null without Flight Recorder

    /** Whose threads are stamped for an event. */
    private record Stamped(boolean enabled, Scope scope) {
        static final Stamped NOBODY = new Stamped(false, Scope.JVM);

        static Stamped of(EventSettings settings) {
            return settings.enabled() ? new Stamped(true, settings.scope()) : NOBODY;
        }
    }

    /**
     * @param processes names of processes
     * @param tasks what the kernel counts of threads
     * @param calls names of system calls by their numbers
     */
    public CpuProbe(Processes processes, Tasks tasks, IntFunction<String> calls) {
        this.processes = processes;
        this.tasks = tasks;
        this.calls = calls;
        this.watch = new TaskWatch(tasks);
        this.account = tasks.account(TaskCounts::cpuTime);
    }

    /** What processes used, since counting began. */
    public TaskAccount account() {
        return account;
    }

    /** What the kernel side keeps by CPU; null while it is not in the kernel. */
    public RunQueue runQueue() {
        return runQueue;
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Set<String> objects() {
        return Set.of(OBJECT);
    }

    @Override
    public List<EventSource> events() {
        return List.of(
                new EventSource(() -> RunQueueWait.class, "RECORD_RUN_QUEUE_WAIT", RUN_QUEUE),
                new EventSource(() -> OffCpu.class, "RECORD_OFF_CPU", OFF_CPU));
    }

    @Override
    public List<Counters> counters() {
        return List.of(
                new Counters("cpu", "tasks", TaskWatch.HOOKS, true),
                new Counters(LATENCY, "run_queue", RUN_QUEUE, false));
    }

    @Override
    public List<RowSource> rows() {
        usage = new CpuUsageRows(tasks, this::runQueue);
        return List.of(
                new RowSource(ProcessCpu.class, "cpu", new ProcessCpuRows(account, processes)),
                new RowSource(CpuUsage.class, "", usage));
    }

    @Override
    public void configure(BpfObject object, BpfCollection.Builder builder) {
        watch.configure(object, builder);
        var kernel = KernelBtf.ofRunningKernel();
        builder.constant("interrupt_bits", PreemptCount.interruptBits(kernel));
        builder.constant("preempt_count_offset", PreemptCount.offset(kernel));
    }

    @Override
    public void opened(BpfCollection collection) {
        watch.opened(collection);
        this.collection = collection;
        runQueue = new RunQueue(
                collection.map("run_queue_rows").memory(), collection.object().struct("run_queue_row"));
    }

    @Override
    public void attached(Hook hook, BpfLink link) {
        watch.attached(hook, link);
        if (usage != null && TaskWatch.HOOKS.contains(hook)) {
            usage.switchesKnown();
        }
        if (STAMPING.contains(hook)) {
            forgetStamps();
        }
    }

    /**
     * Threads that were stamped for an event which then was for nobody, or not for them, were not seen to go on: their stamps must be gone
     * before they count again.
     */
    @Override
    public void apply(BpfCollection open, EffectiveSettings settings) {
        var now = List.of(Stamped.of(settings.of(RunQueueWait.class)), Stamped.of(settings.of(OffCpu.class)));
        if (!now.equals(stamped)) {
            stamped = now;
            forgetStamps();
        }
    }

    /** What was stamped when not all of these programs ran would make waits of any length. */
    private void forgetStamps() {
        collection.map("switch_slots").memory().fill((byte) 0);
        collection.map("colliding_switches").clear();
    }

    @Override
    public void detaching(Hook hook) {
        watch.detaching(hook);
    }

    @Override
    public void counting(String counters, EventCounters events) {
        var queue = runQueue;
        if (!counters.equals(LATENCY)) {
            account.restart();
        } else if (queue != null) {
            queue.clear();
            forgetStamps();
        }
    }

    @Override
    public void closing(String object) {
        runQueue = null;
        collection = null;
    }

    @Override
    public Map<String, Decoder> decoders(String object, EventWriter writer, int subject) {
        var decoders = new CpuDecoders(writer, calls, subject);
        return Map.of("RECORD_RUN_QUEUE_WAIT", decoders.runQueueWait(), "RECORD_OFF_CPU", decoders.offCpu());
    }

    @Override
    public Map<String, Decoder> listeners(String object, Layouts layouts) {
        return watch.listeners(object);
    }
}
