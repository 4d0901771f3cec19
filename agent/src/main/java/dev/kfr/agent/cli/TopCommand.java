// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.cli.top.Screen;
import dev.kfr.agent.cli.top.Source;
import dev.kfr.agent.cli.top.Top;
import dev.kfr.agent.cli.top.View;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "top",
        description = {
            "Shows what the kernel does, as tables that refresh in place: of the host, or as a JVM with the agent sees it.",
            "",
            "Without a target it watches the host itself, which needs the agent's capabilities; the MBeans of a JVM need"
                    + " none. Counters run while somebody looks at them. The views kernel-memory, run-queue and probes cost"
                    + " the host something while they are shown; ? names the keys."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:nothing can be shown: no such JVM, no agent in it, no permission, no terminal",
            "2:wrong usage, or Java older than 25"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sudo java -jar kfr.jar top",
            "  java -jar kfr.jar top 4711 --view files",
            "  java -jar kfr.jar top db1.example.com:9010 --user monitor",
            "  sudo java -jar kfr.jar top --once --view cpu --view memory",
            "  java -jar kfr.jar top 4711 --json --view network | jq .network.BytesSent"
        })
final class TopCommand implements Callable<Integer> {
    private static final long BEGIN_MILLIS = 3_000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PID|HOST:PORT",
            description = "a JVM on this host, or one with a JMX port; also a whole URL, service:jmx:...")
    private String target;

    @Option(
            names = {"-v", "--view"},
            paramLabel = "VIEW",
            converter = Views.class,
            description = "${COMPLETION-CANDIDATES}; several with --once and --json",
            completionCandidates = Views.class)
    private List<View> views;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = Durations.class,
            description = "how often; the default is ${DEFAULT-VALUE}")
    private Duration interval;

    @Option(
            names = {"-t", "--totals"},
            description = "counters since counting began, in place of what they grow by in a second")
    private boolean totals;

    @Option(names = "--once", description = "look once, over one interval, print and end")
    private boolean once;

    @Option(
            names = "--json",
            description =
                    "for scripts: one JSON object on a line of its own for each look, with totals; with --once one"
                            + " alone, else until Ctrl-C")
    private boolean json;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "NAME",
            description =
                    "who asks a remote JVM; the password is read from the terminal, or is in " + RemoteSource.PASSWORD)
    private String user;

    @Option(
            names = "--tls",
            description = "the remote JVM's registry speaks TLS (com.sun.management.jmxremote.registry.ssl)")
    private boolean tls;

    /** Views by their names on the command line. */
    static final class Views implements ITypeConverter<View>, Iterable<String> {
        @Override
        public View convert(String name) {
            return Stream.of(View.values())
                    .filter(view -> view.toString().equals(name))
                    .findAny()
                    .orElseThrow(
                            () -> new TypeConversionException("'" + name + "' is none of " + String.join(", ", this)));
        }

        @Override
        public java.util.Iterator<String> iterator() {
            return Stream.of(View.values()).map(View::toString).iterator();
        }
    }

    @Override
    public Integer call() throws Exception {
        RequiredModules.present("java.management", "java.logging");
        var shown = views == null
                ? List.of(View.SYSCALLS)
                : views.stream().distinct().toList();
        boolean text = once || json;
        if (!text && shown.size() > 1) {
            throw new ParameterException(spec.commandLine(), "a screen shows one view: several need --once or --json");
        }
        requireTarget();
        if (!text && (System.console() == null || !System.console().isTerminal())) {
            throw new CommandFailure(
                    "standard input and output are no terminal: --once prints tables, --json is for scripts");
        }
        try (var source = source()) {
            var top = new Top(source);
            if (text) {
                print(top, shown);
            } else {
                try (var screen = new Screen(top, shown.getFirst(), interval, totals)) {
                    screen.run();
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(Objects.toString(e.getMessage(), e.toString()), e);
        }
        return 0;
    }

    private void requireTarget() {
        if (target != null && !isPid() && !RemoteSource.isAddress(target)) {
            throw new ParameterException(
                    spec.commandLine(), "'" + target + "' is neither a PID nor HOST:PORT nor service:jmx:...");
        }
    }

    private boolean isPid() {
        return target.matches("[0-9]{1,18}");
    }

    private Source source() throws InterruptedException {
        if (target == null) {
            return new HostSource();
        }
        if (isPid()) {
            return RemoteSource.of(Long.parseLong(target));
        }
        return RemoteSource.of(target, user, user == null ? null : password(), tls);
    }

    private static String password() {
        var given = System.getenv(RemoteSource.PASSWORD);
        if (given != null) {
            return given;
        }
        if (System.console() == null) {
            throw new CommandFailure("no terminal to ask for the password on: it may be in " + RemoteSource.PASSWORD);
        }
        return new String(System.console().readPassword("password: "));
    }

    /** The first look has the counters started, the second tells what happened in between. */
    private void print(Top top, List<View> shown) throws IOException, InterruptedException {
        var out = spec.commandLine().getOut();
        try (var signals = new EndSignals()) {
            begin(top, shown);
            do {
                if (signals.await(interval.toMillis())) {
                    return;
                }
                look(top, shown);
                if (json) {
                    out.println(Json.line(top.json(shown)));
                } else {
                    shown.forEach(view -> top.text(view, totals).forEach(out::println));
                }
                out.flush();
            } while (!once && !out.checkError());
        }
    }

    /** Counters begin some milliseconds after somebody has asked for them, if they can. */
    private static void begin(Top top, List<View> shown) throws IOException, InterruptedException {
        long end = System.nanoTime() + BEGIN_MILLIS * 1_000_000;
        look(top, shown);
        while (!shown.stream().allMatch(top::counts) && System.nanoTime() < end) {
            Thread.sleep(20);
            look(top, shown);
        }
    }

    private static void look(Top top, List<View> shown) throws IOException {
        for (var view : shown) {
            top.read(view);
        }
    }
}
