// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.CodeSections.Function;
import dev.kfr.bpf.Externs.Extern;
import dev.kfr.bpf.RelocatedProgram.DebugRecords;
import dev.kfr.bpf.RelocatedProgram.MapReference;
import dev.kfr.bpf.RelocatedProgram.SymbolReference;
import dev.kfr.bpf.btf.BtfExt;
import dev.kfr.bpf.btf.CoreRelocation;
import dev.kfr.bpf.btf.CoreRelocator;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.elf.ElfObject.Symbol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one program out of a function and all that it calls, for one kernel. A callee is appended when the first call
 * of it is met, and its own callees right after it: the order of libbpf, so that the kernel gets the same from both.
 * Links once.
 */
final class ProgramLinker {
    // limits of the kernel: BPF_MAX_SUBPROGS and BPF_COMPLEXITY_LIMIT_INSNS
    private static final int MAX_FUNCTIONS = 256;
    private static final int MAX_INSTRUCTIONS = 1_000_000;

    /** Number of a helper that no kernel has. */
    static final int NO_HELPER = 0x0BAD_CA11;

    private final ObjectParts object;
    private final KernelBtf kernel;
    private final CoreRelocator core;

    private byte[] code = new byte[0];
    private Instructions instructions = new Instructions(code);
    private final Map<Function, Integer> starts = new IdentityHashMap<>();
    private final List<MapReference> maps = new ArrayList<>();
    private final List<SymbolReference> symbols = new ArrayList<>();
    private final ByteArrayOutputStream functionRecords = new ByteArrayOutputStream();
    private final ByteArrayOutputStream lineRecords = new ByteArrayOutputStream();
    private String operation = "";

    ProgramLinker(ObjectParts object, KernelBtf kernel) {
        this.object = object;
        this.kernel = kernel;
        this.core = new CoreRelocator(object.rawBtf(), kernel);
    }

    RelocatedProgram link(ProgramSpec spec, Function main) {
        operation = "relocate program " + spec.name();
        int attachTypeId = attachTypeId(spec);
        append(main);
        return new RelocatedProgram(
                spec,
                attachTypeId,
                code,
                maps,
                symbols,
                new DebugRecords(object.ext().functions().recordSize(), functionRecords.toByteArray()),
                new DebugRecords(object.ext().lines().recordSize(), lineRecords.toByteArray()));
    }

    private int attachTypeId(ProgramSpec spec) {
        if (!spec.type().needsAttachTypeId()) {
            return 0;
        }
        int id =
                switch (spec.type()) {
                    case BTF_TRACEPOINT -> kernel.tracepointId(spec.target());
                    case ITERATOR -> kernel.iteratorId(spec.target());
                    default -> kernel.functionId(spec.target());
                };
        if (id == 0) {
            throw new BpfException(Reason.NOT_FOUND, operation, "the kernel has no " + spec.section());
        }
        return id;
    }

    /** Appends a function and, depth first, what it calls; the result is the index of its first instruction. */
    private int append(Function function) {
        int start = code.length / Instructions.SIZE;
        if (starts.size() >= MAX_FUNCTIONS || start + function.size() / Instructions.SIZE > MAX_INSTRUCTIONS) {
            throw new BpfException(Reason.TOO_LARGE, operation, "it has more than the kernel takes");
        }
        starts.put(function, start);
        code = Arrays.copyOf(code, code.length + function.size());
        instructions = new Instructions(code);
        System.arraycopy(function.code(), 0, code, start * Instructions.SIZE, function.size());
        appendRecords(function, start, object.ext().functions(), functionRecords);
        appendRecords(function, start, object.ext().lines(), lineRecords);
        applyCore(function, start);
        for (int i = 0; i < function.size() / Instructions.SIZE; i++) {
            int opcode = instructions.opcode(start + i);
            if (opcode == Instructions.CALL) {
                call(function, i, start + i, symbol(function, i));
            } else if (opcode == Instructions.LOAD_CONSTANT) {
                load(start + i, symbol(function, i++)); // it takes the place of two
            }
        }
        return start;
    }

    /** What an instruction refers to; null if nothing. */
    private Symbol symbol(Function function, int index) {
        return object.code().reference(function.section().index(), function.from() + (long) index * Instructions.SIZE);
    }

    private void appendRecords(Function function, int start, BtfExt.Table table, ByteArrayOutputStream records) {
        // the kernel wants records about all functions or none
        if (start > 0 && records.size() == 0) {
            return;
        }
        for (ByteBuffer record : table.between(function.section().name(), function.from(), function.end())) {
            byte[] bytes = new byte[table.recordSize()];
            record.get(bytes);
            ByteBuffer changed = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            changed.putInt(0, (changed.getInt(0) - function.from()) / Instructions.SIZE + start);
            records.writeBytes(bytes);
        }
    }

    private void applyCore(Function function, int start) {
        for (CoreRelocation relocation :
                object.ext().relocations(function.section().name(), function.from(), function.end())) {
            if (relocation.offset() % Instructions.SIZE != 0) {
                throw invalid("a CO-RE relocation lies between instructions");
            }
            int index = start + (relocation.offset() - function.from()) / Instructions.SIZE;
            core.apply(relocation, instructions, index);
        }
    }

    // ---- Calls ----

    private void call(Function caller, int indexInCaller, int index, Symbol symbol) {
        if (symbol != null && symbol.section() == 0) {
            kernelFunction(index, symbol);
            return;
        }
        if (instructions.source(index) != Instructions.PSEUDO_CALL) {
            if (symbol != null) {
                throw invalid("the call of a helper refers to " + symbol.name());
            }
            return;
        }
        // Without a symbol the distance is from the instruction's place in its own section. The distance is counted
        // from the next instruction, also where it is from a symbol.
        int section = symbol == null ? caller.section().index() : symbol.section();
        long base =
                symbol == null ? caller.from() / Instructions.SIZE + indexInCaller : symbol.value() / Instructions.SIZE;
        long target = (base + instructions.immediate(index) + 1) * Instructions.SIZE;
        linkTo(section, target, index);
    }

    private void linkTo(int section, long offset, int index) {
        Function callee = object.code().function(section, offset);
        if (callee == null) {
            throw invalid("instruction " + index + " refers to a function that does not exist");
        }
        Integer known = starts.get(callee);
        int start = known == null ? append(callee) : known;
        instructions.setImmediate(index, start - index - 1);
    }

    private void kernelFunction(int index, Symbol symbol) {
        Extern extern = extern(symbol);
        if (!extern.function()) {
            throw invalid(symbol.name() + " is called and is no function");
        }
        int id = kernel.functionId(symbol.name());
        requireCompatible(extern, symbol, id, id == 0 ? 0 : kernel.types().target(id));
        // Kernels before 5.16 refuse a call of no function also where it is never reached, all of them an unknown
        // helper only where it is.
        instructions.setSource(index, id == 0 ? 0 : Instructions.PSEUDO_KERNEL_CALL);
        instructions.setImmediate(index, id == 0 ? NO_HELPER : id);
        instructions.setOffset(index, 0); // in the kernel itself, not in a module
    }

    // ---- 64-bit loads ----

    private void load(int index, Symbol symbol) {
        if (symbol == null) {
            return;
        }
        if (!instructions.isLoadConstant(index)) {
            throw invalid("the 64-bit load at " + index + " is cut off");
        }
        if (symbol.section() == 0) {
            kernelVariable(index, symbol);
            return;
        }
        long place = symbol.value() + instructions.immediate(index);
        if (object.isCode(symbol.section())) {
            instructions.setSource(index, Instructions.PSEUDO_FUNCTION);
            linkTo(symbol.section(), place, index);
            return;
        }
        MapSpec data = object.dataMaps().get(symbol.section());
        if (data != null) {
            if (place < 0 || place > data.valueSize()) {
                throw invalid("instruction " + index + " refers to a place outside of section " + data.name());
            }
            reference(index, data.name(), (int) place);
            return;
        }
        MapSpec map = symbol.section() == object.mapSection() ? object.maps().get(place) : null;
        if (map == null) {
            throw invalid("instruction " + index + " refers to " + symbol.name() + ", which is neither map nor data");
        }
        reference(index, map.name(), MapReference.WHOLE_MAP);
    }

    private void reference(int index, String map, int offset) {
        instructions.setConstant(index, 0);
        maps.add(new MapReference(index, map, offset));
    }

    private void kernelVariable(int index, Symbol symbol) {
        Extern extern = extern(symbol);
        instructions.setConstant(index, 0);
        if (extern.function()) {
            throw invalid("the address of the kernel function " + symbol.name() + " is taken");
        }
        if (extern.typeId() == 0) {
            symbols.add(new SymbolReference(index, symbol.name(), symbol.binding() == Symbol.WEAK));
            return;
        }
        int id = kernel.variableId(symbol.name());
        requireCompatible(
                extern,
                symbol,
                id,
                id == 0 ? 0 : kernel.types().resolve(kernel.types().target(id)));
        if (id != 0) {
            instructions.setSource(index, Instructions.PSEUDO_BTF_ID);
            instructions.setConstant(index, id);
        }
    }

    private Extern extern(Symbol symbol) {
        Extern extern = object.externs().get(symbol.name());
        if (extern == null) {
            throw invalid(symbol.name() + " is not defined");
        }
        return extern;
    }

    /** Absence is all right for a weak symbol; another type than the program expects is not. */
    private void requireCompatible(Extern extern, Symbol symbol, int kernelId, int kernelType) {
        if (kernelId == 0) {
            if (symbol.binding() != Symbol.WEAK) {
                throw new BpfException(Reason.NOT_FOUND, operation, "the kernel has no " + symbol.name());
            }
        } else if (!core.compatible(extern.typeId(), kernelType)) {
            throw invalid("the kernel's " + symbol.name() + " is of another type");
        }
    }

    private BpfException invalid(String detail) {
        return new BpfException(Reason.INVALID, operation, detail);
    }
}
