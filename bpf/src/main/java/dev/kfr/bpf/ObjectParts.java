// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.CodeSections.Function;
import dev.kfr.bpf.btf.Btf;
import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfEditor;
import dev.kfr.bpf.btf.BtfExt;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.elf.ElfObject.Section;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What an object's file consists of.
 *
 * @param rawBtf the types as the compiler wrote them
 * @param btf the types as the kernel takes them; same ids
 * @param maps those of the section {@code .maps}, by their offsets in it
 * @param dataMaps the data sections, by their numbers
 */
record ObjectParts(
        ElfObject elf,
        String license,
        Btf rawBtf,
        Btf btf,
        BtfExt ext,
        Externs externs,
        CodeSections code,
        SequencedMap<Long, MapSpec> maps,
        Map<Integer, MapSpec> dataMaps) {

    static ObjectParts read(String name, byte[] bytes) {
        ElfObject elf = ElfObject.parse(name, bytes);
        Section types = elf.section(".BTF");
        if (types == null) {
            throw new BpfException(
                    Reason.INVALID, "read " + name, "it has no section .BTF: was it compiled without -g?");
        }
        Btf raw = Btf.parse(name, types.bytes());
        Section ofInstructions = elf.section(".BTF.ext");
        BtfExt ext = ofInstructions == null ? BtfExt.empty(raw) : BtfExt.parse(raw, ofInstructions.bytes());
        var externs = new Externs(raw);
        var code = new CodeSections(elf);
        var data = new DataSections(elf);
        Btf loadable = loadable(name, raw, externs, code, data);
        return new ObjectParts(
                elf,
                text(elf.section("license")),
                raw,
                loadable,
                ext,
                externs,
                code,
                MapDefinitions.read(elf, loadable),
                data.maps(loadable));
    }

    private static Btf loadable(String name, Btf raw, Externs externs, CodeSections code, DataSections data) {
        var editor = new BtfEditor(raw);
        data.complete(raw, editor);
        externs.makeLoadable(editor);
        for (Function function : code.functions()) {
            // A hidden function need not be verified on its own, for any arguments that its types allow: the kernel
            // has no such notion, but does the same for static ones.
            if (function.symbol().isHidden() && !function.symbol().isLocal()) {
                int id = raw.find(Kind.FUNCTION, function.name());
                if (id != 0) {
                    editor.setFunctionLinkage(id, 0);
                }
            }
        }
        return editor.finish(name);
    }

    private static String text(Section section) {
        if (section == null) {
            return "";
        }
        String text = new String(section.bytes(), StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    boolean isCode(int section) {
        return section < elf.sections().size() && elf.sections().get(section).isExecutable();
    }

    /** Number of the section {@code .maps}, 0 if there is none. */
    int mapSection() {
        Section section = elf.section(".maps");
        return section == null ? 0 : section.index();
    }
}
