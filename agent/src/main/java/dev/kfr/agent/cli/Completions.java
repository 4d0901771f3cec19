// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.Options;
import dev.kfr.events.SettingsFile;
import java.util.Iterator;
import java.util.stream.Stream;

/** Words that a shell offers where the command line takes one of them, or something else. */
final class Completions {
    private Completions() {}

    /** Of {@code --settings}; where none of these fits, shells offer files. */
    static final class Settings implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(SettingsFile.values()).map(SettingsFile::shortName).iterator();
        }
    }

    /** Of {@code --probes}: the first of the subjects that may be joined. */
    static final class Subjects implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Options.values("probes").iterator();
        }
    }

    /** Of the agent's options: each with each of its values, those that take a number without. */
    static final class AgentOptions implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Options.KEYS.stream()
                    .flatMap(key -> Options.values(key).isEmpty()
                            ? Stream.of(key + "=")
                            : Options.values(key).stream().map(value -> key + "=" + value))
                    .iterator();
        }
    }
}
