// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SnippetTest {
    private static List<String> read(String markdown) {
        return Snippet.of("page.md", markdown).stream()
                .map(snippet -> snippet.places().getFirst() + " " + snippet.command())
                .toList();
    }

    @Test
    void eachLineOfAnIndentedBlockIsACommandWithoutItsComment() {
        assertEquals(
                List.of("page.md:3 first --set a#b=1", "page.md:4 second | third"),
                read("Type\n\n    first --set a#b=1    # says why\n    second | third\n    # and nothing else\n"));
    }

    @Test
    void linesThatGoOnAreOne() {
        var snippet = Snippet.of("page.md", "    first \\\n      --more\n    second\n");
        assertEquals(2, snippet.size());
        assertEquals("first --more", snippet.getFirst().command());
        assertEquals("first \\\n  --more", snippet.getFirst().text());
    }

    @Test
    void theSameForAnotherUserOrProcessIsOneCommand() {
        assertEquals(
                List.of("page.md:1 top PID", "page.md:2 top PID"),
                read("    top PID\n    sudo top 4711   # as root\n"));
    }

    @Test
    void whatFollowsAPromptIsACommandAndTheRestItsOutput() {
        assertEquals(List.of("page.md:2 jfr view x"), read("```\n$ jfr view x\nColumn\n------\n```\n"));
        assertEquals(List.of("page.md:1 doctor"), read("    $ doctor\n    Host\n    ...\n"));
    }

    @Test
    void aBlockInAListIsOne() {
        assertEquals(List.of("page.md:3 install it"), read("- Do this:\n\n      install it\n"));
    }

    @Test
    void aFenceHasCommandsIfItSaysSo() {
        assertEquals(List.of(), read("```\na picture\n```\n"));
        assertEquals(List.of("page.md:2 ls"), read("```sh\nls\n```\n"));
    }

    @Test
    void examplesOfGeneratedHelpAreCommands() {
        var help =
                "<!-- generated: top -->\n\n```\nUsage: top\n  -h  help\n\nExamples:\n  top 1\n  top 2\n\nMore:\n  no\n```\n\n"
                        + "<!-- end of generated -->\n\n```sh\nlater\n```\n";
        assertEquals(List.of("page.md:8 top 1", "page.md:9 top 2", "page.md:18 later"), read(help));
    }
}
