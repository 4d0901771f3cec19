// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfEditor;
import java.util.HashMap;
import java.util.Map;

/**
 * What an object declares and expects the kernel to have: variables and functions with {@code extern} and
 * {@code __ksym}. Immutable.
 */
final class Externs {
    private static final String KERNEL_SYMBOLS = ".ksyms";
    private static final String KERNEL_CONFIGURATION = ".kconfig";
    private static final int GLOBAL = 1;

    /**
     * A declaration.
     *
     * @param typeId in the object's BTF: a variable's type, 0 if it is declared as {@code const void}, or a function's
     *     prototype
     */
    record Extern(String name, boolean function, int typeId) {}

    private final Map<String, Extern> byName;
    private final Btf btf;
    private final int section;

    Externs(Btf btf) {
        if (btf.find(Kind.DATA_SECTION, KERNEL_CONFIGURATION) != 0) {
            throw new BpfException(
                    Reason.INVALID, "read externs", "variables of the kernel's configuration are not supported");
        }
        this.btf = btf;
        this.section = btf.find(Kind.DATA_SECTION, KERNEL_SYMBOLS);
        var found = new HashMap<String, Extern>();
        for (int i = 0; section != 0 && i < btf.length(section); i++) {
            int id = btf.sectionVariable(section, i);
            boolean function = btf.kind(id) == Kind.FUNCTION;
            int type = btf.target(id);
            found.put(btf.name(id), new Extern(btf.name(id), function, function ? type : btf.resolve(type)));
        }
        byName = Map.copyOf(found);
    }

    /** The declaration of a name; null if there is none. */
    Extern get(String name) {
        return byName.get(name);
    }

    /**
     * Makes the declarations such that the kernel loads them: it knows neither extern linkage nor functions in data
     * sections. So each becomes a global int, as libbpf has it; nobody looks at them afterwards.
     */
    void makeLoadable(BtfEditor editor) {
        if (section == 0) {
            return;
        }
        int number = editor.addInt("kernel symbol");
        int placeholder = editor.addString("kernel_symbol");
        int functionEntry = 0;
        for (int i = 0; i < btf.length(section); i++) {
            int id = btf.sectionVariable(section, i);
            int entry = id;
            if (btf.kind(id) == Kind.FUNCTION) {
                editor.setFunctionLinkage(id, GLOBAL);
                editor.nameParameters(btf.target(id), placeholder);
                functionEntry = functionEntry == 0 ? editor.addVariable(placeholder, number) : functionEntry;
                entry = functionEntry;
            } else {
                editor.setVariable(id, number, GLOBAL);
            }
            editor.setSectionVariable(section, i, entry, i * Integer.BYTES, Integer.BYTES);
        }
        editor.setSectionSize(section, btf.length(section) * Integer.BYTES);
    }
}
