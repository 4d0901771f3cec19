// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.btf.KernelBtf.Parameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The raw arguments of the tracepoints that programs are attached to, in kernels that were looked at. The file {@code tracepoints.txt} has
 * under each tracepoint a line for each form: series of kernels, a colon, the arguments' types; {@code none} where the kernels
 * have no such tracepoint. {@code bin/kernels --types --write} writes it.
 */
final class Tracepoints {
    static final String NONE = "none";

    private static final String RESOURCE = "tracepoints.txt";
    private static final String HEAD =
            """
            # Raw arguments of the tracepoints that programs are attached to, by Debian's cloud kernels for x86-64.
            # Written by: bin/kernels --types --write
            """;

    private Tracepoints() {}

    /** The tracepoints that programs of the product get raw arguments of. */
    static List<String> used() {
        var names = new TreeSet<String>();
        for (String object : CompiledObjects.names()) {
            for (ProgramSpec program : CompiledObjects.parse(object).programs().values()) {
                boolean raw =
                        program.type() == ProgramType.BTF_TRACEPOINT || program.type() == ProgramType.RAW_TRACEPOINT;
                if (raw && !program.target().isEmpty()) {
                    names.add(program.target());
                }
            }
        }
        return List.copyOf(names);
    }

    /** The types of a tracepoint's arguments, joined by commas; {@link #NONE} if the kernel has no such tracepoint. */
    static String arguments(KernelBtf kernel, String tracepoint) {
        if (!kernel.hasTracepoint(tracepoint)) {
            return NONE;
        }
        return kernel.tracepoint(tracepoint).parameters().stream()
                .map(Parameter::type)
                .collect(Collectors.joining(", "));
    }

    /** What was written down: tracepoint, then arguments, then the series of kernels that have it so. */
    static Map<String, Map<String, List<String>>> recorded() {
        var recorded = new TreeMap<String, Map<String, List<String>>>();
        Map<String, List<String>> forms = null;
        try (var in = Tracepoints.class.getResourceAsStream(RESOURCE)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith(" ")) {
                    int colon = line.indexOf(':');
                    forms.put(
                            line.substring(colon + 1).strip(),
                            List.of(line.substring(0, colon).strip().split(" ")));
                } else if (!line.startsWith("#")) {
                    forms = new LinkedHashMap<>();
                    recorded.put(line, forms);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recorded;
    }

    /** Writes down what kernels have: a directory of files with their BTF, named by series, and the file to write. */
    public static void main(String[] arguments) throws IOException {
        var kernels = new LinkedHashMap<String, KernelBtf>();
        try (var files = Files.list(Path.of(arguments[0]))) {
            for (Path file :
                    files.sorted(Comparator.comparing(Tracepoints::series)).toList()) {
                kernels.put(file.getFileName().toString(), KernelBtf.parse(Files.readAllBytes(file)));
            }
        }
        var text = new StringBuilder(HEAD);
        for (String tracepoint : used()) {
            var forms = new LinkedHashMap<String, List<String>>();
            kernels.forEach(
                    (series, kernel) -> forms.computeIfAbsent(arguments(kernel, tracepoint), form -> new ArrayList<>())
                            .add(series));
            text.append(tracepoint).append('\n');
            forms.forEach((form, series) -> text.append("  %s: %s\n".formatted(String.join(" ", series), form)));
        }
        Files.writeString(Path.of(arguments[1]), text);
    }

    /** 6.12 comes after 6.1. */
    private static String series(Path file) {
        var parts = file.getFileName().toString().split("\\.");
        return "%5d.%5d".formatted(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
}
