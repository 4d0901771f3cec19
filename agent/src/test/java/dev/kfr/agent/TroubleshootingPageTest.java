// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Whoever searches {@code docs/troubleshooting.md} for what a line says finds an entry: the words in backticks at the beginning of a table's row. {@code ...}
 * stands for what differs from case to case.
 */
class TroubleshootingPageTest {
    private static final Path PAGE = Path.of("../docs/troubleshooting.md");
    private static final List<Path> SOURCES = List.of(Path.of("src/main/java"), Path.of("../bpf/src/main/java"));

    /** What writes a message for an operator. */
    private static final Pattern TELLS = Pattern.compile(
            "(Log\\.(warn|error)|(?<!private void )\\bsay|new CommandFailure|= failed|throw failed)\\(");

    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern ENTRY = Pattern.compile("(?m)^\\| (`[^|]*`) \\|");

    /** A message's parts that are always the same, in order. */
    private record Message(String file, String text) {
        boolean says(String entry) {
            int at = 0;
            for (var part : entry.split(Pattern.quote("..."))) {
                at = text.indexOf(part.strip(), at);
                if (at < 0) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void eachMessageHasAnEntry() throws IOException {
        var entries = entries();
        var messages = messages();
        assertTrue(messages.size() > 40, () -> "messages found in the sources: " + messages);
        var without = messages.stream()
                .filter(message -> entries.stream().noneMatch(message::says))
                .map(message -> message.file() + ": " + message.text())
                .toList();
        assertEquals(List.of(), without, "messages that " + PAGE + " does not explain");
    }

    @Test
    void eachEntryIsSaidByTheAgent() throws IOException {
        var all = sources().stream().map(TroubleshootingPageTest::literals).collect(Collectors.joining(" "));
        var nowhere = entries().stream()
                .filter(entry ->
                        Arrays.stream(entry.split(Pattern.quote("..."))).anyMatch(part -> !all.contains(part.strip())))
                .toList();
        assertEquals(List.of(), nowhere, "entries of " + PAGE + " that nothing says");
    }

    private static List<String> entries() throws IOException {
        var entries = new ArrayList<String>();
        ENTRY.matcher(Files.readString(PAGE)).results().forEach(row -> {
            for (var entry : row.group(1).split("`(, `|: `|)")) {
                if (!entry.isBlank()) {
                    entries.add(entry);
                }
            }
        });
        return entries;
    }

    private static List<String> sources() throws IOException {
        var sources = new ArrayList<String>();
        for (var root : SOURCES) {
            try (var files = Files.walk(root)) {
                for (var file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    sources.add(file.getFileName() + "\n" + Files.readString(file));
                }
            }
        }
        return sources;
    }

    private static List<Message> messages() throws IOException {
        var messages = new ArrayList<Message>();
        for (var source : sources()) {
            var file = source.substring(0, source.indexOf('\n'));
            var call = TELLS.matcher(source);
            while (call.find()) {
                var text = literals(arguments(source, call.end()));
                boolean told = text.matches(".*[a-z]{2} [a-z]{2}.*") && !text.startsWith("INFO ");
                if (told && !file.equals("Progress.java")) {
                    messages.add(new Message(file, text));
                }
            }
        }
        return messages;
    }

    /** From behind the opening parenthesis to the closing one. */
    private static String arguments(String source, int start) {
        int depth = 1;
        boolean quoted = false;
        int at = start;
        for (; depth > 0; at++) {
            char c = source.charAt(at);
            if (quoted && c == '\\') {
                at++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
        }
        return source.substring(start, at);
    }

    /** As they would stand in the message, joined where the source breaks them. */
    private static String literals(String source) {
        return LITERAL.matcher(source.replaceAll("\"\\s*\\+\\s*\"", ""))
                .results()
                .map(literal -> literal.group(1))
                .collect(Collectors.joining(" "));
    }
}
