// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.btf.KernelBtf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * What programs take the raw arguments of tracepoints for is what kernels pass: those that were looked at, and the one that runs. Arguments
 * come and go between kernels, and nothing else would tell: a program reads a word, whatever it is.
 */
class TracepointsTest {
    /**
     * The arguments that programs read, as the programs see them: number and type; {@code |} separates what kernels differ in and the
     * program can deal with, {@code ?} marks an argument that not all kernels have.
     */
    private static final String READ =
            """
            block_rq_complete: 0 struct request *, 1 int|blk_status_t, 2 unsigned int
            block_rq_issue: 0 struct request *|struct request_queue *, 1? struct request *
            inet_sock_set_state: 0 const struct sock *, 1 const int, 2 const int
            kfree: 1 const void *
            kmalloc: 1 const void *, 3 size_t
            kmalloc_node: 1 const void *, 3 size_t
            kmem_cache_alloc: 1 const void *, 2 size_t|struct kmem_cache *
            kmem_cache_alloc_node: 1 const void *, 2 size_t|struct kmem_cache *
            kmem_cache_free: 1 const void *
            mark_victim: 0 struct task_struct *|int
            mm_vmscan_direct_reclaim_begin: 0 int|gfp_t, 1 gfp_t|int
            mm_vmscan_direct_reclaim_end: 0 long unsigned int
            mm_vmscan_memcg_reclaim_begin: 0 int|gfp_t, 1 gfp_t|int
            mm_vmscan_memcg_reclaim_end: 0 long unsigned int
            page_fault_kernel: 0 long unsigned int
            page_fault_user: 0 long unsigned int
            sched_process_exec: 0 struct task_struct *, 1 pid_t
            sched_process_exit: 0 struct task_struct *
            sched_process_free: 0 struct task_struct *
            sched_switch: 0 bool, 1 struct task_struct *, 2 struct task_struct *
            sched_wakeup: 0 struct task_struct *
            sched_wakeup_new: 0 struct task_struct *
            sched_waking: 0 struct task_struct *
            signal_generate: 0 int, 1 struct kernel_siginfo *, 2 struct task_struct *, 4 int
            sys_enter: 0 struct pt_regs *, 1 long int
            sys_exit: 0 struct pt_regs *, 1 long int
            task_newtask: 0 struct task_struct *, 1 long unsigned int|u64
            tcp_retransmit_skb: 0 const struct sock *, 1 const struct sk_buff *, 2? int
            """;

    /** An argument that programs read. */
    private record Argument(int number, List<String> types, boolean optional) {
        static Argument of(String text) {
            int blank = text.indexOf(' ');
            String number = text.substring(0, blank);
            return new Argument(
                    Integer.parseInt(number.replace("?", "")),
                    List.of(text.substring(blank + 1).split("\\|")),
                    number.endsWith("?"));
        }

        boolean isAmong(List<String> passed) {
            return number < passed.size() ? types.contains(passed.get(number)) : optional;
        }
    }

    @Test
    void allTracepointsOfProgramsAreKnown() {
        var used = new TreeSet<>(Tracepoints.used());
        assertEquals(used, new TreeSet<>(read().keySet()), "say above which arguments programs read");
        assertEquals(
                used,
                new TreeSet<>(Tracepoints.recorded().keySet()),
                "write them down with: bin/kernels --types --write");
    }

    @Test
    void kernelsPassWhatProgramsRead() {
        var wrong = new ArrayList<String>();
        Tracepoints.recorded()
                .forEach((tracepoint, forms) -> forms.forEach(
                        (arguments, kernels) -> wrong.addAll(differences(tracepoint, arguments, kernels.toString()))));
        assertEquals(List.of(), wrong);
    }

    @Test
    void someKernelHasEachTracepoint() {
        Tracepoints.recorded()
                .forEach((tracepoint, forms) -> assertTrue(
                        forms.keySet().stream().anyMatch(form -> !form.equals(Tracepoints.NONE)), tracepoint));
    }

    @Test
    @NeedsKernel
    void theRunningKernelPassesWhatProgramsRead() {
        var wrong = new ArrayList<String>();
        for (String tracepoint : Tracepoints.used()) {
            String arguments = Tracepoints.arguments(TestObjects.kernel(), tracepoint);
            wrong.addAll(differences(tracepoint, arguments, "this kernel"));
            var forms = Tracepoints.recorded().getOrDefault(tracepoint, Map.of());
            if (!arguments.equals(Tracepoints.NONE) && !forms.containsKey(arguments)) {
                wrong.add(tracepoint + " has the arguments (" + arguments + "), which none of the kernels had that were"
                        + " looked at: " + forms);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** {@code KFR_KERNEL_TYPES} as for {@link OracleTest}: AArch64 kernels pass the same. */
    @Test
    @EnabledIfEnvironmentVariable(named = "KFR_KERNEL_TYPES", matches = ".+")
    void kernelsOfTheOtherArchitecturePassWhatProgramsRead() throws IOException {
        var wrong = new ArrayList<String>();
        try (var kernels = Files.list(Path.of(System.getenv("KFR_KERNEL_TYPES"), "aarch64"))) {
            for (Path file : kernels.toList()) {
                var kernel = KernelBtf.parse(Files.readAllBytes(file));
                for (String tracepoint : Tracepoints.used()) {
                    wrong.addAll(differences(tracepoint, Tracepoints.arguments(kernel, tracepoint), file.toString()));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static List<String> differences(String tracepoint, String arguments, String kernel) {
        if (arguments.equals(Tracepoints.NONE)) {
            return List.of(); // its programs are not attached
        }
        var passed = List.of(arguments.split(", "));
        return read().getOrDefault(tracepoint, List.of()).stream()
                .filter(argument -> !argument.isAmong(passed))
                .map(argument -> tracepoint + " in " + kernel + ": programs read " + argument + " of " + passed)
                .toList();
    }

    private static Map<String, List<Argument>> read() {
        var read = new TreeMap<String, List<Argument>>();
        READ.lines().forEach(line -> {
            String[] parts = line.split(": ");
            read.put(
                    parts[0],
                    List.of(parts[1].split(", ")).stream().map(Argument::of).toList());
        });
        return read;
    }
}
