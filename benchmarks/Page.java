// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of the documentation with a place for each benchmark, between two marks; what is around them is written by hand. */
record Page(Path file) {
    /** Replaces what was between the marks of a benchmark; a page that has none gets them at its end, under a heading. */
    void write(Benchmark benchmark, String markdown) throws IOException {
        var begin = "<!-- bin/bench " + benchmark.name() + " -->\n";
        var end = "<!-- end of " + benchmark.name() + " -->\n";
        var text = Files.readString(file);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            text += "\n## " + benchmark.title() + "\n\n" + begin + "\n" + end;
            from = text.indexOf(begin);
            to = text.indexOf(end);
        }
        Files.writeString(file, text.substring(0, from + begin.length()) + "\n" + markdown + "\n" + text.substring(to));
    }
}
