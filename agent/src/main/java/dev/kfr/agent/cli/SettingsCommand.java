// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.events.SettingsFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "settings",
        description = "Writes the recording settings kernel.jfc and kernel-profile.jfc, for"
                + " -XX:StartFlightRecording:settings=profile,settings=DIR/kernel.jfc",
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
            "  java -jar kfr.jar settings /etc/kfr",
            "  java -javaagent:kfr.jar \\",
            "    -XX:StartFlightRecording:settings=profile,settings=/etc/kfr/kernel.jfc ..."
        })
final class SettingsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "where to; created if it does not exist")
    private Path directory;

    @Option(names = "--force", description = "replace files that were changed")
    private boolean force;

    @Override
    public void run() {
        for (var settings : SettingsFile.values()) {
            var file = directory.resolve(settings.fileName());
            try (var content = settings.open()) {
                write(file, content.readAllBytes());
            } catch (IOException e) {
                throw new CommandFailure("cannot write " + file + ": " + reason(e), e);
            }
            spec.commandLine().getOut().println(file);
        }
    }

    /** Exceptions of files have the file's name as their message, where the system's word does not follow it. */
    private static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there can be no such directory";
            case AccessDeniedException _ -> "this user may not write there";
            case FileAlreadyExistsException _ -> "a part of the path is a file";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> failure.toString();
        };
    }

    private void write(Path file, byte[] content) throws IOException {
        if (!force && Files.exists(file) && !Arrays.equals(content, Files.readAllBytes(file))) {
            throw new CommandFailure(file + " exists and differs: --force replaces it");
        }
        Files.createDirectories(directory);
        Files.write(file, content);
    }
}
