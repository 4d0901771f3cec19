// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.Options;
import dev.kfr.agent.control.Watched;
import dev.kfr.events.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "record",
        description = {
            "Records kernel events of the host, of a process or of a container into a .jfr file, without a service.",
            "",
            "Ctrl-C ends the recording and keeps the file. Open it in JDK Mission Control, or look at it with"
                    + " 'jfr summary', 'jfr view' and 'jfr print'."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the file is written, also after Ctrl-C and when the watched process ended",
            "1:nothing could be recorded, or the file could not be written",
            "2:wrong usage, or Java older than 25"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sudo java -jar kfr.jar record --duration 30s --output host.jfr",
            "  sudo java -jar kfr.jar record --pid 4711 --settings kernel-profile",
            "  sudo java -jar kfr.jar record --container 0123456789ab \\",
            "    --set kernel.FileSync#threshold=0ms",
            "  # the last ten minutes before Ctrl-C:",
            "  sudo java -jar kfr.jar record --max-age 10m --max-size 500M"
        })
final class RecordCommand implements Callable<Integer> {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'kernel-'yyyyMMdd-HHmmss'.jfr'");

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            converter = Durations.class,
            description = "how long, such as 30s, 5m or 2h; without: until Ctrl-C")
    private Duration duration;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to; without: kernel-DATE-TIME.jfr in this directory")
    private Path output;

    @Option(names = "--force", description = "replace FILE if it exists")
    private boolean force;

    @ArgGroup
    private Target target;

    static final class Target {
        @Option(
                names = {"-p", "--pid"},
                required = true,
                paramLabel = "PID",
                converter = Pids.class,
                description = "only what this process does, without its children; ends when the process ends")
        private Integer pid;

        @Option(
                names = {"-c", "--container"},
                required = true,
                paramLabel = "NAME",
                description = "only what processes of a container do: its name as in the events' field container, its"
                        + " id, the name of a systemd unit, or the path of a cgroup")
        private String container;
    }

    @Option(
            names = {"-s", "--settings"},
            paramLabel = "NAME|FILE",
            defaultValue = "kernel",
            completionCandidates = Completions.Settings.class,
            description = "kernel (low overhead), kernel-profile (every event, low thresholds), or a settings file")
    private String settings;

    @Option(
            names = "--set",
            paramLabel = "EVENT#SETTING=VALUE",
            converter = Change.Converter.class,
            description = "a single setting, such as kernel.FileSync#threshold=0ms; may be given several times")
    private List<Change> changes = new ArrayList<>();

    @Option(names = "--max-age", paramLabel = "TIME", converter = Durations.class, description = "keep the last of it")
    private Duration maxAge;

    @Option(
            names = "--max-size",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "keep about so much of it, such as 500M")
    private Long maxSize;

    @Option(
            names = "--probes",
            paramLabel = "SUBJECTS",
            completionCandidates = Completions.Subjects.class,
            description = "as the agent's option, such as cpu+files")
    private String probes;

    @Option(names = "--ring", paramLabel = "SIZE", description = "as the agent's option: more if events are lost")
    private String ring;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress line and no summary")
    private boolean quiet;

    @Override
    public Integer call() throws InterruptedException {
        RequiredModules.present("jdk.jfr", "java.logging");
        var options = options();
        var values = RecordingSettings.read(settings, changes(), target == null ? null : options.scope());
        var file = file();
        var watched = watched();
        try (var signals = new EndSignals();
                var session = new HostSession(options, watched);
                var recording = HostRecording.start(values, maxAge, maxSize)) {
            session.settle();
            var progress = new Progress(spec.commandLine().getErr(), quiet, session, recording, duration);
            progress.begin(file);
            var end = progress.until(signals, watched);
            progress.ending();
            recording.finish(file);
            progress.end(file, end);
        }
        return 0;
    }

    /** A single setting as it was written. */
    record Change(String key, String value) {
        static final class Converter implements ITypeConverter<Change> {
            @Override
            public Change convert(String text) {
                int equals = text.indexOf('=');
                if (equals < 0) {
                    throw new TypeConversionException("'" + text + "' is not of the form EVENT#SETTING=VALUE");
                }
                return new Change(
                        text.substring(0, equals).strip(),
                        text.substring(equals + 1).strip());
            }
        }
    }

    private Map<String, String> changes() {
        var all = new LinkedHashMap<String, String>();
        for (var change : changes) {
            KernelSettings.problem(change.key(), change.value()).ifPresent(problem -> {
                throw new ParameterException(spec.commandLine(), "Invalid value for option '--set': " + problem);
            });
            all.put(change.key(), change.value());
        }
        return all;
    }

    private Options options() {
        var words = new ArrayList<String>();
        if (probes != null) {
            words.add("probes=" + probes);
        }
        if (ring != null) {
            words.add("ring=" + ring);
        }
        var scope = target == null ? Scope.HOST : target.pid != null ? Scope.JVM : Scope.CONTAINER;
        words.add("scope=" + scope);
        words.add("mbeans=off");
        try {
            return Options.parse(String.join(",", words));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private Watched watched() {
        if (target == null) {
            return Watched.SELF;
        }
        if (target.pid == null) {
            return new Watched.OtherContainer(target.container);
        }
        if (!Files.isDirectory(Path.of("/proc", target.pid.toString()))) {
            throw new CommandFailure("there is no process " + target.pid);
        }
        return new Watched.OtherProcess(target.pid);
    }

    /** Where the recording goes: tried before there is one. */
    private Path file() {
        var file = (output == null ? Path.of(NAME.format(LocalDateTime.now())) : output).toAbsolutePath();
        if (Files.exists(file) && !force) {
            throw new CommandFailure(file + " exists: --force replaces it");
        }
        if (Files.isDirectory(file)) {
            throw new CommandFailure(file + " is a directory: name a file in it");
        }
        try {
            var parent = file.getParent();
            if (!Files.isDirectory(parent)) {
                throw new CommandFailure("there is no directory " + parent);
            }
            Files.delete(Files.createTempFile(parent, ".kfr", ".jfr"));
        } catch (IOException e) {
            throw new CommandFailure("cannot write to " + file.getParent() + ": " + e.getMessage(), e);
        }
        return file;
    }
}
