// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The lines of a unit of systemd. */
record UnitFile(List<String> lines) {
    static UnitFile read(Path file) throws IOException {
        return new UnitFile(Files.readAllLines(file));
    }

    /** The words of all lines of this name, in order. */
    List<String> words(String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + "="))
                .flatMap(line -> Stream.of(line.substring(name.length() + 1).split(" ")))
                .toList();
    }

    /** Capabilities as setpriv writes them. */
    List<String> capabilities(String name) {
        return words(name).stream()
                .map(capability -> capability.substring("CAP_".length()).toLowerCase(Locale.ROOT))
                .toList();
    }

    boolean is(String name) {
        return words(name).equals(List.of("yes"));
    }
}
