// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Prints a script with which bash and zsh complete commands, options, and values that are words or files.",
            "",
            "It is for a command named kfr, which has to be an alias or a script of yours."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "2:wrong usage, or Java older than 25"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  alias kfr='java -jar /opt/kfr/kfr.jar'",
            "  # in ~/.bashrc:",
            "  source <(kfr completion)",
            "  # in ~/.zshrc:",
            "  autoload -U bashcompinit; bashcompinit; source <(kfr completion)"
        })
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--name", defaultValue = "kfr", description = "the command's name, ${DEFAULT-VALUE} if not given")
    private String name;

    @Override
    public void run() {
        var out = spec.commandLine().getOut();
        out.print(AutoComplete.bash(name, spec.root().commandLine()));
        out.flush();
    }
}
