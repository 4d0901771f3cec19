// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.KernelFlightRecorder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            AttachCommand.class,
            DetachCommand.class,
            DoctorCommand.class,
            RecordCommand.class,
            TopCommand.class,
            SettingsCommand.class,
            CompletionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it could not be done; standard error says why",
            "2:wrong usage, or Java older than 25"
        },
        footer = "%n'COMMAND --help' has examples. As an agent: java -javaagent:kfr.jar=OPTIONS ...; see attach --help")
public final class Cli implements Runnable {
    @Spec
    private CommandSpec spec;

    private Cli() {}

    /** Runs what the arguments ask for and returns the exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int run(String... arguments) {
        return commandLine().setExecutionExceptionHandler(Cli::explain).execute(arguments);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Cli());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The file that this command was started from. */
    static Path jar() {
        var source = Cli.class.getProtectionDomain().getCodeSource();
        try {
            var jar = source == null ? null : Path.of(source.getLocation().toURI());
            if (jar != null && Files.isRegularFile(jar)) {
                return jar;
            }
        } catch (URISyntaxException e) {
            throw new CommandFailure("cannot tell where kfr.jar lies: " + e.getMessage(), e);
        }
        throw new CommandFailure("not started from kfr.jar, which the other JVM has to load");
    }

    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
        command.getErr().println(failure instanceof CommandFailure ? failure.getMessage() : failure.toString());
        return command.getCommandSpec().exitCodeOnExecutionException();
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Kernel Flight Recorder " + KernelFlightRecorder.version()};
        }
    }
}
