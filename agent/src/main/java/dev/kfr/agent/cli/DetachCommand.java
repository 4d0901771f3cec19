// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "detach",
        description = "Stops the agent in a JVM: no probe, event type, MBean or thread of it stays.",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it could not be done; standard error says why",
            "2:wrong usage, or Java older than 25"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  java -jar kfr.jar detach 4711"})
final class DetachCommand implements Runnable {
    /** What the boot class takes for the wish to stop. */
    private static final String DETACH = "detach";

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "PID", converter = Pids.class, description = "the JVM's process id")
    private int pid;

    @Override
    public void run() {
        var jar = Cli.jar();
        var target = TargetJvm.of(pid);
        boolean runs = target.agent(jar).isPresent() && target.agentRuns();
        if (!runs) {
            throw new CommandFailure(TargetJvm.PRODUCT + " does not run in process " + pid);
        }
        // With any jar: the JVM calls the boot class that it has loaded already.
        target.load(jar, DETACH);
        spec.commandLine().getOut().println("detached from process " + pid);
    }
}
