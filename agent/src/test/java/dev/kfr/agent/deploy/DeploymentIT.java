// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import dev.kfr.agent.Jvm;
import dev.kfr.agent.KernelService;
import dev.kfr.agent.control.Hook;
import dev.kfr.agent.syscalls.SyscallNames;
import dev.kfr.agent.truth.Witness;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.linux.KernelVersion;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The examples in {@code deploy/}: their form by the tools and models of those who read them, and the rights that they give by running with these. */
class DeploymentIT {
    private static final Path DEPLOY = Path.of("../deploy");
    private static final Path UNIT = DEPLOY.resolve("systemd/notes.service");
    private static final Path DROP_IN = DEPLOY.resolve("systemd/kfr.conf");
    private static final List<String> CAPABILITIES = List.of("bpf", "perfmon");

    /** Instructions of a Dockerfile; by the reference of Docker. */
    private static final Set<String> INSTRUCTIONS = Set.of(
            "ADD",
            "ARG",
            "CMD",
            "COPY",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "FROM",
            "HEALTHCHECK",
            "LABEL",
            "ONBUILD",
            "RUN",
            "SHELL",
            "STOPSIGNAL",
            "USER",
            "VOLUME",
            "WORKDIR");

    @TempDir
    private Path directory;

    @BeforeEach
    void letOthersRead() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void systemdLikesTheUnit() throws Exception {
        verify(UNIT, Files.readString(UNIT), "");
    }

    @Test
    void systemdLikesTheDropIn() throws Exception {
        var all = Files.readString(DROP_IN);
        var service = "[Service]\nExecStart=/usr/bin/java -jar notes.jar\n";
        verify(DROP_IN, service, all);
        var more = Pattern.compile("^#(?=[A-Z]\\w+=)", Pattern.MULTILINE)
                .matcher(all)
                .replaceAll("");
        assertTrue(!more.equals(all), all);
        verify(DROP_IN, service + "SystemCallFilter=@system-service\nCapabilityBoundingSet=CAP_CHOWN\n", more);
    }

    private void verify(Path file, String service, String dropIn) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "no systemd-analyze");
        // what is executed need not be here
        var unit = Files.writeString(
                directory.resolve("checked.service"),
                service.replace("ExecStart=/usr/bin/java", "ExecStart=/bin/true"));
        Files.writeString(
                Files.createDirectories(directory.resolve("checked.service.d")).resolve("kfr.conf"), dropIn);
        try (var analyze = Jvm.startCommand("systemd-analyze", "verify", "--man=no", unit.toString())) {
            assertEquals(0, analyze.waitFor(), () -> file + "\n" + analyze);
            // an unknown line is a warning only
            assertEquals(
                    List.of(),
                    analyze.stderr().stream()
                            .filter(line -> line.contains(directory.toString()))
                            .toList());
        }
    }

    @Test
    void kubernetesKnowsEveryFieldOfTheManifest() throws Exception {
        try (var text = Files.newBufferedReader(DEPLOY.resolve("kubernetes.yaml"))) {
            var kinds = new ArrayList<String>();
            for (var document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
                JsonElement json = new Gson().toJsonTree(document);
                var kind = json.getAsJsonObject().get("kind").getAsString();
                kinds.add(kind);
                // throws on a field that is unknown, missing or of another type
                switch (kind) {
                    case "Namespace" -> V1Namespace.validateJsonElement(json);
                    case "Deployment" -> V1Deployment.validateJsonElement(json);
                    default -> throw new AssertionError("no model for " + kind);
                }
                if (kind.equals("Deployment")) {
                    hasTwoCapabilities(V1Deployment.fromJson(json.toString()));
                }
            }
            assertEquals(List.of("Namespace", "Deployment"), kinds);
        }
    }

    private static void hasTwoCapabilities(V1Deployment deployment) {
        var container =
                deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
        var context = container.getSecurityContext();
        assertEquals(List.of("ALL"), context.getCapabilities().getDrop());
        assertEquals(CAPABILITIES, lower(context.getCapabilities().getAdd()));
        assertEquals(false, context.getAllowPrivilegeEscalation());
        assertEquals(0, context.getRunAsUser());
        var volumes = deployment.getSpec().getTemplate().getSpec().getVolumes();
        for (var mount : container.getVolumeMounts()) {
            assertTrue(volumes.stream().anyMatch(volume -> volume.getName().equals(mount.getName())), mount.toString());
        }
    }

    private static List<String> lower(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    @Test
    void theDockerfileIsOne() throws Exception {
        var instructions = Files.readAllLines(DEPLOY.resolve("Dockerfile")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        var copied = new ArrayList<String>();
        for (var line : instructions) {
            var words = line.split(" +", 2);
            assertTrue(INSTRUCTIONS.contains(words[0]) && words.length == 2, line);
            if (words[0].equals("COPY")) {
                copied.add(words[1].split(" ")[1]);
            }
        }
        assertTrue(instructions.getFirst().startsWith("FROM "), instructions::toString);
        var files = Pattern.compile("/opt/[\\w/]+\\.jar").matcher(String.join(" ", entryPoint()));
        assertEquals(copied, files.results().map(found -> found.group()).toList(), "files that are there");
    }

    /** The command of the image, in the form that needs no shell. */
    private static List<String> entryPoint() throws Exception {
        var line = Files.readAllLines(DEPLOY.resolve("Dockerfile")).stream()
                .filter(each -> each.startsWith("ENTRYPOINT "))
                .findFirst()
                .orElseThrow();
        return Stream.of(new Gson().fromJson(line.substring("ENTRYPOINT ".length()), String[].class))
                .toList();
    }

    @Test
    @NeedsKernel
    void theRightsOfTheUnitAreEnough() throws Exception {
        assumeRoot();
        var unit = UnitFile.read(UNIT);
        var ambient = unit.capabilities("AmbientCapabilities");
        assertEquals(CAPABILITIES, ambient);
        assertEquals(CAPABILITIES, unit.capabilities("CapabilityBoundingSet"));
        for (var line : List.of("NoNewPrivileges", "DynamicUser", "ProtectKernelTunables")) {
            assertTrue(unit.is(line), line);
        }
        var command = new ArrayList<>(readOnlySystem());
        command.addAll(List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"));
        command.addAll(capabilities(ambient, "--inh-caps=", "--ambient-caps=", "--bounding-set=-all,"));
        command.addAll(onlySystemCalls(unit.words("SystemCallFilter")));
        works(command, "start=sync");
    }

    @Test
    @NeedsKernel
    void theRightsOfTheContainerAreEnough() throws Exception {
        assumeRoot();
        var dockerfile = Files.readString(DEPLOY.resolve("Dockerfile"));
        assertTrue(dockerfile.contains("docker run --cap-drop ALL --cap-add BPF --cap-add PERFMON"), dockerfile);
        assertTrue(dockerfile.contains("\nUSER 0\n"), dockerfile);
        var agent = entryPoint().stream()
                .filter(word -> word.startsWith("-javaagent:/opt/kfr/kfr.jar="))
                .findFirst()
                .orElseThrow();
        var command = new ArrayList<>(readOnlySystem());
        command.addAll(List.of("setpriv", "--clear-groups", "--no-new-privs"));
        command.addAll(capabilities(CAPABILITIES, "--inh-caps=-all,", "--bounding-set=-all,"));
        works(command, agent.substring(agent.indexOf('=') + 1) + ",start=sync");
    }

    /** JDK_JAVA_OPTIONS of the drop-in. */
    @Test
    @NeedsKernel
    void theDropInAddsTheAgentToAServiceThatKnowsNothingOfIt() throws Exception {
        var variable = UnitFile.read(DROP_IN).words("Environment").getFirst();
        var option = variable.substring(variable.indexOf('=') + 1);
        assertEquals("-javaagent:/opt/kfr/kfr.jar", option);
        var environment = variable.replace("/opt/kfr/kfr.jar", Jvm.agentJar().toString());
        try (var service = KernelService.startCommand(List.of("env", environment))) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            service.endsWell();
        }
    }

    private static void assumeRoot() {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can take rights away");
    }

    private static List<String> capabilities(List<String> names, String... sets) {
        var added = names.stream().map(name -> "+" + name).collect(Collectors.joining(","));
        return Stream.of(sets).map(set -> set + added).toList();
    }

    /** Begins a command whose file systems can't be written, but for the test's directory: as ProtectSystem= and ProtectKernelTunables= have it. */
    private List<String> readOnlySystem() {
        var script = "mount --bind " + directory + " " + directory
                + " && mount -o remount,bind,ro / && mount -o remount,bind,ro /proc"
                + " && mount -o remount,bind,ro /sys && exec \"$@\"";
        return List.of("unshare", "--mount", "sh", "-c", script, "sh");
    }

    /** Begins a command that may make these system calls alone, and those of these groups. */
    private List<String> onlySystemCalls(List<String> names) throws Exception {
        var allowed = new TreeSet<String>();
        for (var name : names) {
            allowed.addAll(name.startsWith("@") ? group(name) : List.of(name));
        }
        var known = SyscallNames.ofThisMachine();
        var numbers = IntStream.range(0, 1_000)
                .filter(number -> allowed.contains(known.name(number)))
                .mapToObj(Integer::toString)
                .toList();
        assertTrue(numbers.size() > 100, numbers::toString);
        var program = Files.copy(Witness.filtered(), directory.resolve("filtered"));
        return Stream.of(List.of(program.toString()), numbers, List.of("--"))
                .flatMap(List::stream)
                .toList();
    }

    /** The system calls of a group, and of the groups in it. */
    private static Set<String> group(String name) throws Exception {
        try (var analyze = Jvm.startCommand("systemd-analyze", "--no-pager", "syscall-filter", name)) {
            assertEquals(0, analyze.waitFor(), analyze::toString);
            var calls = new TreeSet<String>();
            for (var line : analyze.stdout()) {
                var word = line.strip();
                if (line.startsWith(" ") && !word.startsWith("#")) {
                    calls.addAll(word.startsWith("@") ? group(word) : List.of(word));
                }
            }
            return calls;
        }
    }

    private void works(List<String> command, String options) throws Exception {
        var jar = Files.copy(Jvm.agentJar(), directory.resolve("kfr.jar"));
        try (var service =
                KernelService.startCommand(command, "-javaagent:" + jar + "=" + options, "-XX:-UsePerfData")) {
            service.askUntil("mbeans", names -> names.contains("kernel:type=Agent"));
            for (var counter : List.of("Syscalls Calls", "Files Opens", "Cpu CpuTime", "Network SocketsCreated")) {
                service.ask("get " + counter);
            }
            var opened = Files.writeString(directory.resolve("opened"), "");
            service.askUntil("get Files Opens", opens -> {
                ask(service, "open 10 " + opened);
                return Long.parseLong(opens) > 0;
            });
            service.askUntil("get Syscalls Calls", calls -> Long.parseLong(calls) > 0);
            var reason = service.ask("get Agent StateReason");
            if (!Hook.classicFirst(KernelVersion.running())) { // which wants tracefs
                assertEquals("", reason);
                assertEquals("RUNNING", service.ask("get Agent State"));
                assertEquals("0", service.ask("get Agent ProbesFailed"));
            }
            assertEquals("", service.ask("get Agent JavaThreadsReason"), service.jvm()::toString);
            service.endsWell();
        }
    }

    private static void ask(KernelService service, String command) {
        try {
            service.ask(command);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
