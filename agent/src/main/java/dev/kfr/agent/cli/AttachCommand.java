// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.Options;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "attach",
        description = "Starts the agent in a JVM that runs already, or reconfigures it there.",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it could not be done; standard error says why",
            "2:wrong usage, or Java older than 25"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  java -jar kfr.jar attach 4711",
            "  java -jar kfr.jar attach 4711 scope=jvm probes=cpu+files mbeans=always",
            "%nOptions of the agent (the first value is the default):",
            "  probes=all or some of syscalls+files+processes+cpu+memory+network+block",
            "  scope=host|container|jvm",
            "  mbeans=on-demand|always|off",
            "  ring=8M (a power of two from 64K to 256M)",
            "  processes=10240",
            "  start=async|sync"
        })
final class AttachCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "PID", converter = Pids.class, description = "the JVM's process id")
    private int pid;

    @Parameters(
            index = "1..*",
            paramLabel = "OPTION",
            completionCandidates = Completions.AgentOptions.class,
            description = "options of the agent, key=value, joined by commas or as words of their own")
    private List<String> options = new ArrayList<>();

    @Override
    public void run() {
        var text = String.join(",", options);
        try {
            Options.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        var jar = Cli.jar();
        var target = TargetJvm.of(pid);
        var running = target.agent(jar);
        if (running.isPresent() && !running.get().sameJar()) {
            throw new CommandFailure(TargetJvm.PRODUCT + " " + running.get().version() + " was loaded into process "
                    + pid
                    + " from " + running.get().jar() + ", and a JVM cannot exchange it: use that jar to reconfigure it,"
                    + " or restart the service");
        }
        var done = running.isPresent() && target.agentRuns() ? "reconfigured in process " : "attached to process ";
        target.load(jar, text);
        spec.commandLine().getOut().println(done + pid + ", whose standard error tells the rest");
    }
}
