// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.KernelBtf.Parameter;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NeedsKernel
class KernelBtfTest {
    private static KernelBtf kernel;

    @BeforeAll
    static void readOnce() {
        kernel = KernelBtf.ofRunningKernel();
    }

    @Test
    void knowsTracepointsWithTheirArguments() {
        assertTrue(kernel.hasTracepoint("sched_process_exec"));
        assertFalse(kernel.hasTracepoint("sched_process_exe"));
        List<Parameter> parameters = kernel.tracepoint("sched_process_exec").parameters();
        assertEquals(
                List.of("struct task_struct *", "pid_t", "struct linux_binprm *"),
                parameters.stream().map(Parameter::type).toList());
    }

    @Test
    void knowsFunctionsWithTheirParameters() {
        assertTrue(kernel.hasFunction("vfs_read"));
        KernelBtf.Prototype prototype = kernel.function("vfs_read");
        assertEquals("ssize_t", prototype.returnType());
        assertEquals(
                new Parameter("file", "struct file *"), prototype.parameters().getFirst());
        assertEquals(
                Reason.NOT_FOUND,
                assertThrows(BpfException.class, () -> kernel.function("vfs_rea"))
                        .reason());
    }

    @Test
    void knowsFieldsOfNestedAndAnonymousStructs() {
        assertTrue(kernel.hasField("task_struct", "se.sum_exec_runtime"));
        assertTrue(kernel.hasField("task_struct", "comm[15]"));
        assertFalse(kernel.hasField("task_struct", "no_such_field"));
        assertFalse(kernel.hasField("no_such_struct", "x"));
    }

    @Test
    void knowsConstants() {
        assertEquals(OptionalLong.of(27), kernel.enumValue("bpf_map_type", "BPF_MAP_TYPE_RINGBUF"));
        assertEquals(OptionalLong.empty(), kernel.enumValue("bpf_map_type", "BPF_MAP_TYPE_NONE"));
    }

    @Test
    void knowsWhatIteratorsAttachTo() {
        assertTrue(kernel.iteratorId("task") > 0);
        assertEquals(0, kernel.iteratorId("nothing"));
    }

    @Test
    void findsTheSameTypesAsALookAtEachOfThem() {
        Btf types = kernel.types();
        int checked = 0;
        for (int id = types.count() - 1; id > 0; id -= 17) {
            Kind kind = types.kind(id);
            String name = types.name(id);
            if (!name.isEmpty() && kind != Kind.FUNCTION) {
                int found = types.find(kind, name);
                assertTrue(found > 0 && found <= id, kind + " " + name + " is " + id + ", found " + found);
                assertEquals(name, types.name(found));
                checked++;
            }
        }
        assertTrue(checked > 500, checked + " names checked");
    }
}
