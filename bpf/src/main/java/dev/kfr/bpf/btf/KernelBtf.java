// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.StructLayout;
import dev.kfr.bpf.btf.Btf.Kind;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The types of a kernel: what CO-RE relocations are applied against, and what says which tracepoints, functions and
 * fields the kernel has. Never changes and safe for use by several threads; reading costs tens of milliseconds and
 * 2 MB, so keep one for all objects and let go of it after loading.
 */
public final class KernelBtf {
    private static final Path RUNNING = Path.of("/sys/kernel/btf/vmlinux");

    private static final String ORIGIN = "the kernel";

    /** The kernel declares each tracepoint's raw arguments as a typedef of this name plus the tracepoint's. */
    private static final String TRACEPOINT_PREFIX = "btf_trace_";

    private static final String ITERATOR_PREFIX = "bpf_iter_";

    /** The running kernel's types as long as somebody holds them: 2 MB that an idle agent must not keep. */
    private static WeakReference<KernelBtf> running = new WeakReference<>(null);

    private final Btf types;

    /** Ids by name of those that were looked for: objects call the same function again and again. */
    private final Map<String, Integer> functions = new ConcurrentHashMap<>();

    private KernelBtf(Btf types) {
        this.types = types;
    }

    /**
     * A function's or tracepoint's signature, types written as in C.
     *
     * @param parameters in their order
     */
    public record Prototype(String returnType, List<Parameter> parameters) {}

    /** One parameter, such as {@code ("prev", "struct task_struct *")}; the name may be empty. */
    public record Parameter(String name, String type) {}

    /**
     * The running kernel's types, from {@code /sys/kernel/btf/vmlinux}. They are read once as long as somebody holds them, and may be read anew
     * after the garbage collector came.
     *
     * @throws BpfException NOT_SUPPORTED if the kernel has no BTF, NOT_PERMITTED if it can't be read
     */
    public static synchronized KernelBtf ofRunningKernel() {
        var known = running.get();
        if (known == null) {
            known = readRunning();
            running = new WeakReference<>(known);
        }
        return known;
    }

    private static KernelBtf readRunning() {
        String operation = "read " + RUNNING;
        if (Files.notExists(RUNNING)) {
            throw new BpfException(
                    Reason.NOT_SUPPORTED, operation, "no such file: the kernel has no BTF, or /sys is not mounted");
        }
        try {
            var types = BtfBytes.of(RUNNING.toFile());
            if (types.length() == 0) {
                throw new BpfException(Reason.NOT_SUPPORTED, operation, "the file is empty");
            }
            return new KernelBtf(Btf.parse(ORIGIN, types));
        } catch (AccessDeniedException e) {
            throw new BpfException(Reason.NOT_PERMITTED, operation, "permission denied", e);
        } catch (IOException e) {
            Reason reason = Files.isReadable(RUNNING) ? Reason.OTHER : Reason.NOT_PERMITTED;
            throw new BpfException(reason, operation, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Types of any kernel.
     *
     * @param btf the content of a {@code .BTF} section; the array is kept and must not be changed
     * @throws BpfException INVALID if it is none
     */
    public static KernelBtf parse(byte[] btf) {
        return new KernelBtf(Btf.parse(ORIGIN, btf));
    }

    /** All types. */
    public Btf types() {
        return types;
    }

    /** Whether the kernel has a tracepoint of this name, without category, such as {@code "sched_switch"}. */
    public boolean hasTracepoint(String name) {
        return tracepointId(name) != 0;
    }

    /** Whether the kernel has a function of this name that programs can attach to or call. */
    public boolean hasFunction(String name) {
        return functionId(name) != 0;
    }

    /**
     * Whether a struct or union has a member.
     *
     * @param path as for {@link StructLayout#field}
     */
    public boolean hasField(String struct, String path) {
        int id = types.find(Kind.STRUCT, struct);
        if (id == 0) {
            id = types.find(Kind.UNION, struct);
        }
        return id != 0 && StructLayout.of(types, id).has(path);
    }

    /** BTF id of a tracepoint's {@code btf_trace_*} typedef, 0 if there is none. */
    public int tracepointId(String name) {
        return types.find(Kind.TYPEDEF, TRACEPOINT_PREFIX + name);
    }

    /** BTF id of a function, 0 if there is none. */
    public int functionId(String name) {
        return functions.computeIfAbsent(name, wanted -> types.find(Kind.FUNCTION, wanted));
    }

    /** BTF id of what iterator programs for this kind of object attach to, 0 if there is none. */
    public int iteratorId(String name) {
        return functionId(ITERATOR_PREFIX + name);
    }

    /**
     * BTF id of a variable whose address programs can take, 0 if there is none. Kernels tell of per-CPU variables only
     * (and 5.10 of none).
     */
    public int variableId(String name) {
        return types.find(Kind.VARIABLE, name);
    }

    /**
     * Where a variable of each CPU lies among all of them, in bytes: what two are apart in this they are apart in memory. Empty if
     * the kernel has none of that name or, as before 5.11, does not tell.
     */
    public OptionalLong perCpuOffset(String name) {
        int section = types.find(Kind.DATA_SECTION, ".data..percpu");
        int variable = variableId(name);
        if (section == 0 || variable == 0) {
            return OptionalLong.empty();
        }
        return IntStream.range(0, types.length(section))
                .filter(i -> types.sectionVariable(section, i) == variable)
                .mapToLong(i -> Integer.toUnsignedLong(types.sectionOffset(section, i)))
                .findFirst();
    }

    /**
     * The raw arguments of a tracepoint, as {@code tp_btf} and {@code raw_tp} programs get them.
     *
     * @throws BpfException NOT_FOUND if the kernel has no such tracepoint
     */
    public Prototype tracepoint(String name) {
        int typedef = tracepointId(name);
        if (typedef == 0) {
            throw notFound("tracepoint", name);
        }
        // The typedef is a pointer to a function whose first parameter is the tracepoint's private data.
        Prototype function = prototype(types.target(types.resolve(typedef)));
        List<Parameter> all = function.parameters();
        return new Prototype(function.returnType(), List.copyOf(all.subList(Math.min(1, all.size()), all.size())));
    }

    /**
     * The signature of a function.
     *
     * @throws BpfException NOT_FOUND if the kernel has no such function
     */
    public Prototype function(String name) {
        int function = functionId(name);
        if (function == 0) {
            throw notFound("function", name);
        }
        return prototype(types.target(function));
    }

    private Prototype prototype(int id) {
        var parameters = new ArrayList<Parameter>();
        for (int i = 0; i < types.length(id); i++) {
            parameters.add(new Parameter(types.parameterName(id, i), types.declaration(types.parameterType(id, i))));
        }
        return new Prototype(types.declaration(types.target(id)), List.copyOf(parameters));
    }

    /** The value of a constant of an enum, empty if the kernel has no such enum or constant. */
    public OptionalLong enumValue(String enumName, String constant) {
        return types.enumValue(enumName, constant);
    }

    private static BpfException notFound(String what, String name) {
        return new BpfException(Reason.NOT_FOUND, "look up " + what + " " + name, "the kernel's BTF has none");
    }
}
