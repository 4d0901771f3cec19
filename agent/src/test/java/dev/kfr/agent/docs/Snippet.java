// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Block;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/**
 * A command that the pages tell to type.
 *
 * @param command in one line, without the comment behind it and without {@code sudo}, with {@code PID} for the process of an example
 * @param text as it is written, with all of that
 * @param places where it is written, as {@code docs/page.md:LINE}
 */
record Snippet(String command, String text, List<String> places) {
    private static final Path ROOT = Path.of("..");

    /** What a fence may name its content if each line is a command. Without a name it has commands behind prompts, or none. */
    private static final Set<String> SHELLS = Set.of("sh", "bash");

    private static final String PROMPT = "$ ";
    private static final Pattern CONTINUED = Pattern.compile("\\s*\\\\\n\\s*");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s+)#(\\s.*)?$");

    /** Those of all pages for users and contributors, each once. */
    static List<Snippet> ofAllPages() throws IOException {
        try (var docs = Files.list(ROOT.resolve("docs"))) {
            return once(Stream.concat(
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .flatMap(page -> of(ROOT.relativize(page).toString(), read(page)).stream())
                    .toList());
        }
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Snippet> once(List<Snippet> all) {
        var byCommand = new LinkedHashMap<String, Snippet>();
        all.forEach(each -> byCommand.merge(
                each.command,
                each,
                (first, again) -> new Snippet(
                        first.command,
                        first.text,
                        Stream.concat(first.places.stream(), again.places.stream())
                                .toList())));
        return List.copyOf(byCommand.values());
    }

    /** Those of a page, in its order. */
    static List<Snippet> of(String page, String markdown) {
        var reader = new Reader(page);
        Parser.builder()
                .includeSourceSpans(IncludeSourceSpans.BLOCKS)
                .build()
                .parse(markdown)
                .accept(reader);
        return reader.found;
    }

    /** The pages without lines: stays the same when a page grows. */
    String pages() {
        return String.join(
                ", ",
                places.stream()
                        .map(place -> place.substring(0, place.indexOf(':')))
                        .distinct()
                        .toList());
    }

    /** Collects commands from blocks of code. */
    private static final class Reader extends AbstractVisitor {
        private final String page;
        private final List<Snippet> found = new ArrayList<>();
        private boolean generated;

        Reader(String page) {
            this.page = page;
        }

        @Override
        public void visit(HtmlBlock block) {
            var html = block.getLiteral();
            generated = html.contains("<!-- generated: ") || (generated && !html.contains("<!-- end of generated"));
        }

        @Override
        public void visit(IndentedCodeBlock block) {
            read(block, 0, block.getLiteral().lines().toList());
        }

        @Override
        public void visit(FencedCodeBlock block) {
            var lines = block.getLiteral().lines().toList();
            if (generated) {
                readExamples(block, lines);
            } else if (SHELLS.contains(block.getInfo()) || isPrompted(lines)) {
                read(block, 1, lines);
            }
        }

        /** The help of a command: its examples are the indented lines below a heading. */
        private void readExamples(Block block, List<String> lines) {
            int first = lines.indexOf("Examples:") + 1;
            if (first > 0) {
                int end = first;
                while (end < lines.size() && !lines.get(end).isBlank()) {
                    end++;
                }
                read(block, 1 + first, lines.subList(first, end));
            }
        }

        /** @param offset of the first line from the block's first */
        private void read(Block block, int offset, List<String> lines) {
            int start = block.getSourceSpans().getFirst().getLineIndex() + 1 + offset;
            boolean prompted = isPrompted(lines);
            for (int i = 0; i < lines.size(); i++) {
                int first = i;
                while (lines.get(i).endsWith("\\") && i + 1 < lines.size()) {
                    i++;
                }
                var text = String.join("\n", lines.subList(first, i + 1)).strip();
                if (!prompted) {
                    add(text, start + first);
                } else if (text.startsWith(PROMPT)) {
                    add(text.substring(PROMPT.length()), start + first); // the rest is what the command answers
                }
            }
        }

        private static boolean isPrompted(List<String> lines) {
            return lines.stream().anyMatch(line -> line.startsWith(PROMPT));
        }

        private void add(String text, int line) {
            var command = COMMENT.matcher(CONTINUED.matcher(text).replaceAll(" "))
                    .replaceFirst("")
                    .replace("sudo ", "")
                    .replace("4711", "PID")
                    .strip();
            if (!command.isEmpty()) {
                found.add(new Snippet(command, text, List.of(page + ":" + line)));
            }
        }
    }
}
