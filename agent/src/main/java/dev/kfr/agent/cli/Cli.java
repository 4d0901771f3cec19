// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.KernelFlightRecorder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line as a whole; each command is a class of its own. */
@Command(
        name = "java -jar kfr.jar",
        description = "Kernel events in JDK Flight Recorder and JMX.",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Cli implements Runnable {
    @Spec
    private CommandSpec spec;

    private Cli() {}

    /** Runs what the arguments ask for and returns the exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int run(String... arguments) {
        return new CommandLine(new Cli()).execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Kernel Flight Recorder " + KernelFlightRecorder.version()};
        }
    }
}
