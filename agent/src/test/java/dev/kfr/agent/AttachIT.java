// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kfr.bpf.NeedsKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code attach} and {@code detach} on JVMs that run already. */
class AttachIT {
    @Test
    @NeedsKernel
    void attachesReconfiguresAndDetaches() throws Exception {
        try (var service = idleService()) {
            said("attached to process " + service.pid(), "attach", service, "start=sync");
            service.awaitStderr("scope host");
            said("reconfigured in process " + service.pid(), "attach", service, "scope=jvm", "start=sync");
            service.awaitStderr("scope jvm");
            said("detached from process " + service.pid(), "detach", service);
            service.awaitStderr("stopped");
            fails("does not run in process " + service.pid(), "detach", service);
            succeeds("attach", service, "start=sync");
            runsUndisturbed(service);
            service.stderr().forEach(line -> assertTrue(line.startsWith("[kfr] "), service::toString));
        }
    }

    @Test
    @NeedsKernel
    void reconfiguresAnAgentThatStartedWithTheService() throws Exception {
        try (var service = idleService(Jvm.agent("start=sync"))) {
            succeeds("attach", service, "scope=jvm", "start=sync");
            service.awaitStderr("scope jvm");
            runsUndisturbed(service);
        }
    }

    @Test
    void anAttachedAgentObeysTheOperatorsNoToNativeAccess() throws Exception {
        try (var service = idleService("--illegal-native-access=deny")) {
            succeeds("attach", service, "start=sync");
            service.awaitStderr("[kfr] ERROR native access is denied");
            runsUndisturbed(service);
        }
    }

    @Test
    void refusesWrongOptionsBeforeTheServiceSeesThem() throws Exception {
        try (var service = idleService()) {
            var command = command("attach", service, "scope=pod");
            assertEquals(2, command.waitFor(), command::toString);
            assertEquals(
                    "invalid option 'scope=pod': valid is host, container, jvm",
                    command.stderr().getFirst());
            runsUndisturbed(service);
            assertEquals(List.of(), service.stderr());
        }
    }

    @Test
    void saysThatThereIsNothingToDetach() throws Exception {
        try (var service = idleService()) {
            fails("does not run in process " + service.pid(), "detach", service);
            runsUndisturbed(service);
        }
    }

    @Test
    void doesNotMixTwoJars(@TempDir Path directory) throws Exception {
        var other = Files.copy(Jvm.agentJar(), directory.resolve("other.jar"));
        try (var service = idleService("-javaagent:" + other + "=start=sync")) {
            fails("from " + other + ", and a JVM cannot exchange it", "attach", service);
            succeeds("detach", service);
            runsUndisturbed(service);
        }
    }

    @Test
    void saysThatTheProcessDoesNotExist() throws Exception {
        // Larger than the largest pid that a kernel gives.
        try (var command = Jvm.start("-jar", Jvm.agentJar().toString(), "attach", "99999999")) {
            assertEquals(1, command.waitFor(), command::toString);
            assertEquals(List.of("there is no process 99999999"), command.stderr());
        }
    }

    @Test
    void saysThatTheProcessIsNoJvm() throws Exception {
        try (var sleeper = Jvm.startCommand("sleep", "60")) {
            fails("process " + sleeper.pid() + " (sleep) is not a JVM", "attach", sleeper);
        }
    }

    /** A process's arguments may hold secrets. */
    @Test
    void neverShowsTheCommandLineOfAnotherProcess() throws Exception {
        try (var idle = Jvm.startCommand("sh", "-c", "while sleep 60; do :; done", "--password=lighthouse");
                var command = command("attach", idle)) {
            assertEquals(1, command.waitFor(), command::toString);
            assertFalse(command.toString().contains("lighthouse"), command::toString);
        }
    }

    @Test
    void saysThatTheJvmAllowsNoAttachment() throws Exception {
        try (var service = idleService("-XX:+DisableAttachMechanism")) {
            fails("does it run with -XX:+DisableAttachMechanism?", "attach", service);
            runsUndisturbed(service);
        }
        try (var service = idleService("-XX:-EnableDynamicAgentLoading")) {
            fails("Dynamic agent loading is not enabled", "attach", service);
            runsUndisturbed(service);
        }
    }

    @Test
    void saysWhoseTheProcessIs(@TempDir Path directory) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can start a command as somebody else");
        var java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        var nobody = List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");
        try (var test = Jvm.startCommand(concat(nobody, "test", "-x", java))) {
            assumeTrue(test.waitFor() == 0, "others may not run this JDK");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        var jar = Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar")).toString();
        try (var service = idleService();
                var command =
                        Jvm.startCommand(concat(nobody, java, "-jar", jar, "attach", Long.toString(service.pid())))) {
            assertEquals(1, command.waitFor(), command::toString);
            assertEquals(
                    List.of("process " + service.pid()
                            + " belongs to user root: run this command as that user, or as root"),
                    command.stderr(),
                    command::toString);
            runsUndisturbed(service);
        }
    }

    private static String[] concat(List<String> first, String... rest) {
        return Stream.concat(first.stream(), Stream.of(rest)).toArray(String[]::new);
    }

    private static Jvm idleService(String... options) throws Exception {
        // The JDK's own warning about attachment is not what these tests are about.
        var arguments = new ArrayList<String>();
        if (!List.of(options).contains("-XX:-EnableDynamicAgentLoading")) {
            arguments.add("-XX:+EnableDynamicAgentLoading");
        }
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("-cp", Jvm.testClasses(), IdleService.class.getName()));
        var service = Jvm.start(arguments.toArray(String[]::new));
        service.awaitStdout("ready");
        return service;
    }

    private static void runsUndisturbed(Jvm service) throws Exception {
        assertEquals(0, service.endInput(), service::toString);
        assertEquals(List.of("ready"), service.stdout(), service::toString);
    }

    private static void succeeds(String name, Jvm target, String... options) throws Exception {
        try (var command = command(name, target, options)) {
            assertEquals(0, command.waitFor(), command::toString);
            assertEquals(List.of(), command.stderr(), command::toString);
        }
    }

    private static void said(String beginning, String name, Jvm target, String... options) throws Exception {
        try (var command = command(name, target, options)) {
            assertEquals(0, command.waitFor(), command::toString);
            assertTrue(command.stdout().getFirst().startsWith(beginning), command::toString);
        }
    }

    private static void fails(String explanation, String name, Jvm target) throws Exception {
        try (var command = command(name, target)) {
            assertEquals(1, command.waitFor(), command::toString);
            assertEquals(1, command.stderr().size(), command::toString);
            assertTrue(command.stderr().getFirst().contains(explanation), command::toString);
        }
    }

    private static Jvm command(String name, Jvm target, String... options) throws IOException {
        var arguments = new ArrayList<>(List.of("-jar", Jvm.agentJar().toString(), name, Long.toString(target.pid())));
        arguments.addAll(List.of(options));
        return Jvm.start(arguments.toArray(String[]::new));
    }
}
