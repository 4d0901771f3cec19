// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Parts of a page that are made from the classes, between markers that name them; what is around them is written by hand. With {@code
 * -Dkfr.docs=write}, as {@code bin/docs} has it, the parts are written, otherwise compared.
 */
public final class GeneratedDocs {
    private static final Pattern PART =
            Pattern.compile("(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end of generated -->)", Pattern.DOTALL);

    private final Path page;

    private GeneratedDocs(Path page) {
        this.page = page;
    }

    /** A page of {@code docs}. */
    public static GeneratedDocs page(String name) {
        return new GeneratedDocs(Path.of("../docs").resolve(name));
    }

    /** Compares or writes the parts; the page has exactly these. */
    public void hold(Map<String, String> parts) throws IOException {
        var text = Files.readString(page);
        var markers =
                PART.matcher(text).results().map(part -> part.group(2)).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(parts.keySet()), markers, "parts between markers in " + page);
        var made = PART.matcher(text)
                .replaceAll(part -> Matcher.quoteReplacement(
                        part.group(1) + "\n" + parts.get(part.group(2)).strip() + "\n\n" + part.group(3)));
        if ("write".equals(System.getProperty("kfr.docs"))) {
            Files.writeString(page, made);
        } else {
            assertTrue(
                    made.equals(text),
                    () -> page + " does not say what the classes say; bin/docs writes it anew. The first difference:\n"
                            + difference(text.lines().toList(), made.lines().toList()));
        }
    }

    private static String difference(List<String> page, List<String> classes) {
        int line = 0;
        while (line < Math.min(page.size(), classes.size()) && page.get(line).equals(classes.get(line))) {
            line++;
        }
        return "line " + (line + 1) + " is    " + (line < page.size() ? page.get(line) : "(the end)")
                + "\nand should be " + (line < classes.size() ? classes.get(line) : "(the end)");
    }

    /** A cell of a table in Markdown. */
    public static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
