// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bash offers with the script that {@code completion} prints. */
class CompletionTest {
    @TempDir
    private Path directory;

    private Path script;

    @BeforeEach
    void print() throws Exception {
        var text = new StringWriter();
        assertEquals(0, Cli.commandLine().setOut(new PrintWriter(text)).execute("completion"));
        script = Files.writeString(directory.resolve("completion"), text.toString());
    }

    @Test
    void offersTheValuesThatAreWords() throws Exception {
        assertEquals(List.of("kernel", "kernel-profile"), offered("record", "--settings", ""));
        assertEquals(List.of("all"), offered("record", "--probes", "a"));
        assertEquals(List.of("files"), offered("record", "--probes", "f"));
        assertEquals(List.of("memory"), offered("top", "--view", "mem"));
        assertEquals(List.of("scope=host", "scope=container", "scope=jvm"), offered("attach", "4711", "sc"));
        assertTrue(offered("attach", "4711", "scope=jvm", "").contains("ring="));
    }

    /** {@code -o default}: files, where no word fits. */
    @Test
    void leavesOtherValuesToTheShell() throws Exception {
        assertEquals(List.of(), offered("record", "--settings", "mine"));
        assertTrue(Files.readString(script).contains("complete -F _complete_kfr -o default kfr"));
    }

    private List<String> offered(String... words) throws Exception {
        var line = "kfr '" + String.join("' '", words) + "'";
        var asked = "compopt() { :; }; source " + script + "; COMP_WORDS=(" + line
                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; _complete_kfr; printf '%s\\n' \"${COMPREPLY[@]}\"";
        var bash = new ProcessBuilder("bash", "-c", asked)
                .redirectErrorStream(true)
                .start();
        bash.getOutputStream().close();
        var output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        bash.waitFor();
        return output.lines().filter(word -> !word.isBlank()).toList();
    }
}
