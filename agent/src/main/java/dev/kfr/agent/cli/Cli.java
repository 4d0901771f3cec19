// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.KernelFlightRecorder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
public final class Cli implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    private Cli() {}

    /** Runs what the arguments ask for and returns the exit code: 0 done, 1 failed, 2 wrong usage. */
    public static int run(String... arguments) {
        return explaining().execute(arguments);
    }

    /** As the user has it: failures are explained in words. */
    static CommandLine explaining() {
        return commandLine().setExecutionExceptionHandler(Cli::explain).setParameterExceptionHandler(Cli::explainUsage);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Cli());
    }

    /** Without a command: shows which there are. */
    @Override
    public Integer call() {
        var command = spec.commandLine();
        command.getErr().println("a command is missing");
        command.usage(command.getErr());
        return spec.exitCodeOnInvalidInput();
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

    /** What is wrong in one line, and where to read more: whoever mistypes an option needs no screen of help. */
    private static int explainUsage(ParameterException failure, String[] arguments) {
        var command = failure.getCommandLine();
        command.getErr().println(complaint(failure));
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String complaint(ParameterException failure) {
        var commands = failure.getCommandLine().getSubcommands().keySet();
        if (failure instanceof UnmatchedArgumentException unmatched
                && !commands.isEmpty()
                && !unmatched.getUnmatched().getFirst().startsWith("-")) {
            return "there is no command '" + unmatched.getUnmatched().getFirst() + "': valid are "
                    + String.join(", ", commands);
        }
        return failure.getMessage().replaceAll("\\R+", " ");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Kernel Flight Recorder " + KernelFlightRecorder.version()};
        }
    }
}
