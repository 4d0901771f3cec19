// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What tests found out about a kernel, for tables in the documentation: files of tab-separated lines in the directory {@code KFR_RESULTS}.
 * Without that variable in the environment nothing is written.
 */
public final class Results {
    private Results() {}

    /** Adds a line to the file {@code table.tsv}; line ends in its values are replaced by blanks. */
    public static void add(String table, String... values) throws IOException {
        var directory = System.getenv("KFR_RESULTS");
        if (directory != null) {
            var line = String.join("\t", values).replaceAll("\\s*\n\\s*", " ").strip() + "\n";
            Files.writeString(
                    Path.of(directory, table + ".tsv"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
