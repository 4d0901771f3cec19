// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Addresses of kernel symbols, from {@code /proc/kallsyms}. */
public final class KernelSymbols {
    private static final Path KALLSYMS = Path.of("/proc/kallsyms");

    private KernelSymbols() {}

    /**
     * The addresses of those of the symbols that the kernel has. Reads some 10 MB of text if one of them is missing or
     * far down.
     *
     * @throws BpfException NOT_PERMITTED if the kernel hides addresses from this process ({@code kptr_restrict})
     */
    public static Map<String, Long> addresses(Set<String> symbols) {
        String operation = "look up kernel symbols " + symbols;
        Map<String, Long> found = new HashMap<>();
        try (var lines = Files.newBufferedReader(KALLSYMS, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine();
                    line != null && found.size() < symbols.size();
                    line = lines.readLine()) {
                // ffffffff81000000 T startup_64 [module]
                int name = line.indexOf(' ') + 3;
                int end = line.indexOf('\t', name);
                String symbol = line.substring(name, end < 0 ? line.length() : end);
                if (symbols.contains(symbol)) {
                    found.putIfAbsent(symbol, Long.parseUnsignedLong(line.substring(0, name - 3), 16));
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new BpfException(Reason.OTHER, operation, e.toString(), e);
        }
        if (found.containsValue(0L)) {
            throw new BpfException(
                    Reason.NOT_PERMITTED, operation, "the kernel hides addresses (kernel.kptr_restrict)");
        }
        return found;
    }
}
