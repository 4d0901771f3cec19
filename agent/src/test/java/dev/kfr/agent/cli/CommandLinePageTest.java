// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.GeneratedDocs;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

/** {@code docs/command-line.md} shows each command's help as it is. */
class CommandLinePageTest {
    @Test
    void showsTheHelpOfEveryCommand() throws Exception {
        var parts = new TreeMap<String, String>();
        Cli.commandLine().getSubcommands().forEach((name, command) -> {
            var help = command.getUsageMessage(Ansi.OFF).stripTrailing();
            parts.put(name, "```\n" + help + "\n```");
        });
        GeneratedDocs.page("command-line.md").hold(parts);
    }
}
