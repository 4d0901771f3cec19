// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.agent.IdleService;
import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.cli.JsonText;
import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code top}: what it shows is what was done. */
class TopIT {
    /** So many bytes that the file is among those with most on any host. */
    private static final int SIZE = 8 << 20;

    private static final int READS = 500;

    /** What stands before variables in a command that begins with env(1). */
    private static final int ENV_OPTIONS = 2;

    @TempDir
    private Path directory;

    private static ArrayList<String> top(Object... arguments) {
        var command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-jar",
                Jvm.agentJar().toString(),
                "top"));
        Stream.of(arguments).map(String::valueOf).forEach(command::add);
        return command;
    }

    private static Jvm start(List<String> command) throws IOException {
        return Jvm.startCommand(command.toArray(String[]::new));
    }

    private Path file() throws IOException {
        return Files.write(directory.resolve("read-by-witness"), new byte[SIZE]).toRealPath();
    }

    /** The row of a file in a line of JSON; null if there is none. */
    private static Map<String, Object> row(String line, Path file) {
        @SuppressWarnings("unchecked")
        var files = (Map<String, Object>) JsonText.object(line).get("files");
        return JsonText.objects(files.get("TopFiles")).stream()
                .filter(row -> row.get("path").equals(file.toString()))
                .findAny()
                .orElse(null);
    }

    @Test
    @NeedsKernel
    void showsWhatTheMBeansOfAJvmCount() throws Exception {
        var file = file();
        try (var host = Host.start("mbeans=always");
                var witness = Witness.start("read", READS, SIZE, file)) {
            host.count("Files");
            witness.go();
            try (var command = start(top(host.jvm().pid(), "--once", "--json", "--view", "files", "-i", "100ms"))) {
                assertEquals(0, command.waitFor(), command::toString);
                assertEquals(1, command.stdout().size(), command::toString);
                var row = row(command.stdout().getFirst(), file);
                assertEquals((double) READS, row.get("reads"), command::toString);
                assertEquals((double) READS * SIZE, row.get("bytesRead"), command::toString);
            }
            try (var command = start(top(host.jvm().pid(), "--once", "--totals", "--view", "files", "-i", "100ms"))) {
                assertEquals(0, command.waitFor(), command::toString);
                var line = command.stdout().stream()
                        .filter(each -> each.contains(file.toString()))
                        .findAny()
                        .orElseThrow(() -> new AssertionError(command));
                assertTrue(line.contains(" " + READS + " ") && line.contains(" 3.9 GiB"), line);
            }
        }
    }

    @Test
    @NeedsKernel
    void showsTheHostWithoutAnyJvm() throws Exception {
        var file = file();
        try (var witness = Witness.start("read", READS, SIZE, file);
                var command = start(top("--json", "--view", "files", "--interval", "200ms"))) {
            command.awaitStdout("\"countingSince\":\"");
            witness.go();
            Host.await("no row of " + file, () -> {
                var row = row(command.stdout().getLast(), file);
                return row != null && row.get("reads").equals((double) READS);
            });
            assertEquals(
                    (double) READS * SIZE, row(command.stdout().getLast(), file).get("bytesRead"));
            try (var kill = Jvm.startCommand("kill", "-INT", Long.toString(command.pid()))) {
                assertEquals(0, kill.waitFor(), kill::toString);
            }
            assertEquals(0, command.waitFor(), command::toString);
            assertEquals(List.of(), command.stderr(), command::toString);
        }
        for (var form : List.of("--json", "--totals")) {
            try (var command = start(top("--once", form, "-i", "100ms"))) {
                assertEquals(0, command.waitFor(), command::toString);
                var all = command.toString();
                assertTrue(all.contains(form.equals("--json") ? "TopSyscalls" : "Top syscalls"), all);
                // There is no service: this JVM is the command itself.
                assertFalse(all.toLowerCase(Locale.ROOT).replace(" ", "").contains("ofthisjvm"), all);
            }
        }
    }

    private static Jvm serviceWithPort(int port, String... options) throws Exception {
        return serviceWithPort("127.0.0.1", port, options);
    }

    /** @param options win over those that are usual here */
    private static Jvm serviceWithPort(String address, int port, String... options) throws Exception {
        var command = new ArrayList<>(List.of(
                Jvm.agent("start=sync"),
                "-Dcom.sun.management.jmxremote.port=" + port,
                "-Dcom.sun.management.jmxremote.host=" + address,
                "-Djava.rmi.server.hostname=" + address,
                "-Dcom.sun.management.jmxremote.ssl=false"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", Jvm.testClasses(), IdleService.class.getName()));
        var service = Jvm.start(command.toArray(String[]::new));
        service.awaitStdout("ready");
        return service;
    }

    /** The MBeans appear some seconds after the JVM has opened its port. */
    private static void awaitAgent(List<String> command) throws Exception {
        KernelService.await(
                () -> {
                    try (var asked = start(command)) {
                        return asked.waitFor() == 0 || !asked.toString().contains("does not run in");
                    }
                },
                () -> "the agent's MBeans do not appear");
    }

    @Test
    @NeedsKernel
    void reachesAJvmByItsPort() throws Exception {
        int port = Jvm.freePort();
        try (var service = serviceWithPort(port, "-Dcom.sun.management.jmxremote.authenticate=false")) {
            awaitAgent(top("127.0.0.1:" + port, "--once", "--view", "agent", "-i", "10ms"));
            for (var address :
                    List.of("127.0.0.1:" + port, "service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi")) {
                try (var command = start(top(address, "--once", "--view", "agent", "-i", "100ms"))) {
                    assertEquals(0, command.waitFor(), command::toString);
                    assertTrue(command.stdout().getFirst().startsWith("agent of " + address), command::toString);
                }
            }
            assertEquals(0, service.endInput(), service::toString);
        }
    }

    @Test
    @NeedsKernel
    void reachesAJvmByIpv6() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/if_inet6")), "no IPv6");
        int port = Jvm.freePort();
        try (var service = serviceWithPort("::1", port, "-Dcom.sun.management.jmxremote.authenticate=false")) {
            awaitAgent(top("[::1]:" + port, "--once", "--view", "agent", "-i", "10ms"));
            try (var command = start(top("[::1]:" + port, "--once", "--view", "agent", "-i", "100ms"))) {
                assertEquals(0, command.waitFor(), command::toString);
            }
            assertEquals(0, service.endInput(), service::toString);
        }
    }

    /** The connection speaks TLS because the JVM says so; its registry, which is asked first, only with {@code --tls}. */
    @Test
    @NeedsKernel
    void reachesAJvmOverTls() throws Exception {
        int port = Jvm.freePort();
        var store = directory.resolve("store").toString();
        var java = Path.of(System.getProperty("java.home"), "bin");
        try (var keytool = Jvm.startCommand(
                java.resolve("keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "service",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-keystore",
                store,
                "-storepass",
                "lighthouse")) {
            assertEquals(0, keytool.waitFor(), keytool::toString);
        }
        try (var service = serviceWithPort(
                port,
                "-Dcom.sun.management.jmxremote.authenticate=false",
                "-Dcom.sun.management.jmxremote.ssl=true",
                "-Dcom.sun.management.jmxremote.registry.ssl=true",
                "-Djavax.net.ssl.keyStore=" + store,
                "-Djavax.net.ssl.keyStorePassword=lighthouse")) {
            var asking = top("127.0.0.1:" + port, "--once", "--view", "agent", "-i", "10ms");
            var trust = "JDK_JAVA_OPTIONS=-Djavax.net.ssl.trustStore=" + store
                    + " -Djavax.net.ssl.trustStorePassword=lighthouse";
            asking.add(ENV_OPTIONS, trust);
            var overTls = new ArrayList<>(asking);
            overTls.add("--tls");
            awaitAgent(overTls);
            try (var command = start(overTls)) {
                assertEquals(0, command.waitFor(), command::toString);
            }
            try (var command = start(asking)) {
                assertEquals(1, command.waitFor(), command::toString);
                assertTrue(command.toString().contains("cannot connect to 127.0.0.1:" + port), command::toString);
            }
            assertEquals(0, service.endInput(), service::toString);
        }
    }

    @Test
    @NeedsKernel
    void givesThePasswordToAJvmThatAsks() throws Exception {
        int port = Jvm.freePort();
        var secret = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var passwords = Files.createFile(directory.resolve("passwords"), secret);
        Files.writeString(passwords, "monitor lighthouse\n");
        var access = Files.writeString(directory.resolve("access"), "monitor readonly\n");
        try (var service = serviceWithPort(
                port,
                "-Dcom.sun.management.jmxremote.password.file=" + passwords,
                "-Dcom.sun.management.jmxremote.access.file=" + access)) {
            var asking = top("127.0.0.1:" + port, "--once", "--view", "agent", "-i", "10ms", "--user", "monitor");
            var right = new ArrayList<>(asking);
            right.add(ENV_OPTIONS, "KFR_JMX_PASSWORD=lighthouse");
            var wrong = new ArrayList<>(asking);
            wrong.add(ENV_OPTIONS, "KFR_JMX_PASSWORD=searchlight");
            awaitAgent(right);
            try (var command = start(right)) {
                assertEquals(0, command.waitFor(), command::toString);
            }
            for (var command : List.of(wrong, top("127.0.0.1:" + port, "--once"))) {
                refused(1, "wants to know who asks: --user NAME", command);
            }
            assertEquals(0, service.endInput(), service::toString);
        }
    }

    @Test
    void whatCanNotBeShownIsSaid() throws Exception {
        refused(1, "there is no process 99999999", top(99_999_999, "--once"));
        refused(2, "'x y' is neither a PID nor HOST:PORT", top("x y", "--once"));
        refused(2, "'disks' is none of syscalls, files", top("--view", "disks", "--once"));
        refused(2, "a screen shows one view", top("--view", "cpu", "--view", "files"));
        refused(2, "'bogus' is neither a PID nor HOST:PORT", top("bogus"));
        refused(
                1,
                "cannot connect to no-such-host.invalid:99: unknown host no-such-host.invalid",
                top("no-such-host.invalid:99", "--once"));
        refused(1, "are no terminal: --once prints tables", top(1));
        int port = Jvm.freePort();
        refused(1, "cannot connect to 127.0.0.1:" + port, top("127.0.0.1:" + port, "--once"));
        try (var service = Jvm.start("-cp", Jvm.testClasses(), IdleService.class.getName())) {
            service.awaitStdout("ready");
            refused(1, "java -jar kfr.jar attach " + service.pid(), top(service.pid(), "--once"));
            assertEquals(0, service.endInput(), service::toString);
        }
    }

    @Test
    void withoutCapabilitiesTheHostIsNotShownAndWhatIsLackingIs() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take capabilities away");
        var command = new ArrayList<>(top("--once"));
        command.addAll(0, List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        refused(1, "It lacks CAP_BPF and CAP_PERFMON", command);
    }

    private static void refused(int exit, String message, List<String> arguments) throws Exception {
        try (var command = start(arguments)) {
            assertEquals(exit, command.waitFor(), command::toString);
            assertTrue(
                    command.stderr().stream().anyMatch(line -> line.contains(message)), () -> message + "\n" + command);
            assertEquals(List.of(), command.stdout(), command::toString);
        }
    }

    /** On a terminal that script(1) makes. */
    @Test
    @NeedsKernel
    void aTerminalIsWrittenInPlaceAndGivenBack() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/script")) && Files.exists(Path.of("/dev/ptmx")),
                "no script(1), or no terminals");
        // In place of the shell, which would otherwise get Ctrl-C too, and say 130 whatever the command says.
        var typed = "exec " + String.join(" ", top("--view", "cpu", "-i", "250ms"));
        var screen = Files.createFile(directory.resolve("screen"));
        try (var command =
                Jvm.startCommand("env", "TERM=xterm-256color", "script", "-qefc", typed, screen.toString())) {
            awaitOn(screen, "Top processes");
            command.write("3"); // and a line feed, which is no key
            awaitOn(screen, "Recent exits");
            command.write("\u0003"); // Ctrl-C
            assertEquals(0, command.waitFor(), command::toString);
            var all = Files.readString(screen);
            int begins = all.indexOf("\u001b[?1049h");
            int ends = all.lastIndexOf("\u001b[?1049l");
            assertTrue(begins >= 0 && ends > begins, () -> "the other screen is not left again:\n" + all);
        }
    }

    private static void awaitOn(Path screen, String text) throws Exception {
        KernelService.await(() -> Files.readString(screen).contains(text), () -> "no " + text + " on " + screen);
    }
}
