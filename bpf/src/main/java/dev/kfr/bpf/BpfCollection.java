// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.BpfObject.Variable;
import dev.kfr.bpf.RelocatedProgram.SymbolReference;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.KernelSymbols;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An object in the kernel: its maps, and those of its programs that were loaded. Closing it closes everything that came
 * from it: links and programs, then maps.
 *
 * <p>Needs {@code CAP_BPF} and {@code CAP_PERFMON}, or {@code CAP_SYS_ADMIN}. Any thread may use it, but not while
 * another one closes it.
 */
public final class BpfCollection implements AutoCloseable {
    private final BpfObject object;
    private final KernelBtf kernel;
    private final CollectionMaps maps;
    private final List<BpfProgram> programs = new ArrayList<>();

    private BpfCollection(BpfObject object, KernelBtf kernel, CollectionMaps maps) {
        this.object = object;
        this.kernel = kernel;
        this.maps = maps;
    }

    /** Begins to bring an object into the kernel. */
    public static Builder of(BpfObject object) {
        return new Builder(object);
    }

    /** What an object is to look like in the kernel. For use by one thread, once. */
    public static final class Builder {
        private final BpfObject object;
        private final Map<String, MapSpec> specs;
        private final Map<String, BpfMap> shared = new HashMap<>();
        private KernelBtf kernel;

        private Builder(BpfObject object) {
            this.object = object;
            specs = new LinkedHashMap<>(object.maps());
        }

        /**
         * The types of the running kernel. Without them each {@link BpfCollection#load(String)} reads them anew; with
         * them the collection keeps some MB of heap.
         */
        public Builder kernel(KernelBtf types) {
            kernel = types;
            return this;
        }

        /** The types of the kernel that the object is for: those that it was given, else the running kernel's. */
        public KernelBtf kernel() {
            return kernel != null ? kernel : KernelBtf.ofRunningKernel();
        }

        /**
         * Sets a constant of the program: a {@code const volatile} variable that is a number.
         *
         * @throws BpfException NOT_FOUND if there is no such constant; INVALID if it is no number, or a smaller one
         */
        public Builder constant(String name, long value) {
            String operation = "set constant " + name;
            Variable variable = object.variables().get(name);
            MapSpec section = variable == null ? null : specs.get(variable.section());
            if (section == null || !section.isConstant()) {
                throw new BpfException(Reason.NOT_FOUND, operation, object.name() + " has no such constant");
            }
            int size = variable.field().size();
            int unused = Long.SIZE - size * Byte.SIZE;
            boolean number = size == 1 || size == 2 || size == 4 || size == 8;
            if (!number || value << unused >> unused != value && value << unused >>> unused != value) {
                throw new BpfException(Reason.INVALID, operation, value + " does not fit into " + size + " bytes");
            }
            byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array();
            byte[] content = section.content().clone();
            System.arraycopy(bytes, 0, content, variable.field().offset(), size);
            specs.put(section.name(), section.withContent(content));
            return this;
        }

        /**
         * Sets a map's capacity, a ring buffer's size in bytes.
         *
         * @throws BpfException NOT_FOUND if the object has no such map
         */
        public Builder maxEntries(String map, int entries) {
            specs.put(map, spec(map, "resize map ").withMaxEntries(entries));
            return this;
        }

        /**
         * Has the object use an existing map in place of its own of that name. It stays its owner's, who closes it after
         * the collection.
         *
         * @throws BpfException NOT_FOUND if the object has no map of that name; INVALID if it is of another kind or size
         */
        public Builder share(BpfMap existing) {
            existing.requireShape(spec(existing.name(), "share map "));
            shared.put(existing.name(), existing);
            return this;
        }

        /** About how many bytes of the kernel's memory {@link #open} takes for the maps; those that are shared cost nothing. */
        public long memory() {
            return specs.values().stream()
                    .filter(map -> !shared.containsKey(map.name()))
                    .mapToLong(map -> (long) map.maxEntries() * Math.max(1, map.keySize() + map.valueSize()))
                    .sum();
        }

        private MapSpec spec(String map, String verb) {
            MapSpec spec = specs.get(map);
            if (spec == null) {
                throw new BpfException(Reason.NOT_FOUND, verb + map, object.name() + " has no such map");
            }
            return spec;
        }

        /**
         * Creates all maps and writes the variables' first values; from here on the constants can't be changed. Programs
         * are not loaded yet.
         *
         * @throws BpfException if the kernel refuses; nothing is left behind then
         */
        public BpfCollection open() {
            return new BpfCollection(object, kernel, CollectionMaps.create(object, specs.values(), shared));
        }
    }

    /** The object that this came from. */
    public BpfObject object() {
        return object;
    }

    /**
     * A map, which stays the collection's.
     *
     * @throws BpfException NOT_FOUND if the object has none of that name
     */
    public BpfMap map(String name) {
        return maps.get(name);
    }

    /**
     * The variables of a data section, such as {@code ".data"}.
     *
     * @throws BpfException NOT_FOUND if the object has no such section, or it has no variables
     */
    public DataSection data(String section) {
        return new DataSection(section, maps.get(section).memory(), object.data(section));
    }

    /**
     * A global variable; a constant is read-only.
     *
     * @throws BpfException NOT_FOUND if the object has no such variable
     */
    public Global global(String variable) {
        Variable found = object.variables().get(variable);
        if (found == null) {
            throw new BpfException(
                    Reason.NOT_FOUND, "find variable " + variable, object.name() + " has no such variable");
        }
        return new Global(variable, data(found.section()), found.field());
    }

    /**
     * Fits a program to the running kernel, has it verified and loads it. It may be loaded several times.
     *
     * @throws BpfException VERIFIER with the verifier's log; NOT_FOUND if the object has no such program or the kernel
     *     has nothing of the name that it attaches to; NOT_SUPPORTED or NOT_PERMITTED as the kernel says
     */
    public BpfProgram load(String program) {
        return load(program, kernel != null ? kernel : KernelBtf.ofRunningKernel());
    }

    /** As {@link #load(String)}, with the running kernel's types from the caller, who need not keep them after. */
    public synchronized BpfProgram load(String program, KernelBtf kernel) {
        RelocatedProgram relocated = object.relocate(program, kernel);
        Map<String, Long> symbols = symbols(relocated);
        byte[] linked = relocated.link(map -> maps.get(map).fd(), symbols::get);
        try (var load = new ProgramLoad(relocated, linked, object.license(), maps.types())) {
            BpfProgram loaded = new BpfProgram(load.run(), relocated.spec());
            programs.removeIf(BpfProgram::isClosed);
            programs.add(loaded);
            return loaded;
        }
    }

    /** Addresses of the untyped kernel symbols that a program uses; 0 for a weak one that the kernel does not have. */
    private static Map<String, Long> symbols(RelocatedProgram program) {
        if (program.symbols().isEmpty()) {
            return Map.of();
        }
        Set<String> names = new HashSet<>();
        for (SymbolReference reference : program.symbols()) {
            names.add(reference.symbol());
        }
        Map<String, Long> addresses = KernelSymbols.addresses(names);
        for (SymbolReference reference : program.symbols()) {
            if (addresses.putIfAbsent(reference.symbol(), 0L) == null && !reference.weak()) {
                String operation = "load program " + program.spec().name();
                throw new BpfException(Reason.NOT_FOUND, operation, "no kernel symbol " + reference.symbol());
            }
        }
        return addresses;
    }

    /**
     * Detaches and unloads its programs and closes its maps, which unmaps the variables. Further calls do nothing.
     */
    @Override
    public synchronized void close() {
        programs.reversed().forEach(BpfProgram::close);
        programs.clear();
        maps.close();
    }
}
