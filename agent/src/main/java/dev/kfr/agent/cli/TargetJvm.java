// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.kfr.agent.KernelFlightRecorder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import javax.management.remote.JMXServiceURL;
import net.bytebuddy.agent.ByteBuddyAgent;

/**
 * A JVM that runs already, and what {@code /proc} (proc(5)) tells of it without touching it.
 *
 * <p>Attachment fails with messages that name no cause, and may send a signal to a process that is no JVM: so what can be
 * known is asked before. What this user may not read is left to the attachment itself.
 */
final class TargetJvm {
    static final int OLDEST_JAVA = 25;
    static final String PRODUCT = "Kernel Flight Recorder";

    private static final Pattern JVM_LIBRARY = Pattern.compile("(/\\S.*)/libjvm\\.so( \\(deleted\\))?$");
    private static final Pattern RELEASE_VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"([^\"]+)\"");
    private static final int LEVELS_TO_JAVA_HOME = 5;

    /** The thread that each HotSpot JVM has. */
    private static final String VM_THREAD = "VM Thread";

    /** How names of the agent's threads begin. */
    private static final String OF_THE_AGENT = "kfr-";

    private final long pid;
    private final Path directory;

    /** An agent that runs in a JVM: the jar as that JVM names it, its version, and whether it is this command's own. */
    record RunningAgent(String jar, String version, boolean sameJar) {}

    private TargetJvm(long pid, Path directory) {
        this.pid = pid;
        this.directory = directory;
    }

    /**
     * Finds a process.
     *
     * @throws CommandFailure if there is none, if it is another user's or if it is not a JVM of Java 25 or later
     */
    static TargetJvm of(long pid) {
        return of(pid, Path.of("/proc"));
    }

    static TargetJvm of(long pid, Path proc) {
        var directory = proc.resolve(Long.toString(pid));
        if (!Files.isDirectory(directory)) {
            throw new CommandFailure("there is no process " + pid);
        }
        var target = new TargetJvm(pid, directory);
        target.requireSameUser(proc);
        target.requireRecentJava();
        return target;
    }

    private void requireSameUser(Path proc) {
        var ours = effectiveUser(proc.resolve("self"));
        var theirs = effectiveUser(directory);
        if (!ours.equals("0") && !ours.equals(theirs)) {
            throw new CommandFailure("process " + pid + " belongs to user "
                    + ProcessHandle.of(pid).flatMap(p -> p.info().user()).orElse(theirs)
                    + ": run this command as that user, or as root");
        }
    }

    private static String effectiveUser(Path process) {
        var uids = readable(process.resolve("status"))
                .flatMap(status ->
                        status.lines().filter(l -> l.startsWith("Uid:")).findFirst())
                .orElseThrow(() -> new CommandFailure("cannot read " + process.resolve("status")));
        return uids.split("\\s+")[2]; // real, effective, saved, file system
    }

    private void requireRecentJava() {
        var maps = readable(directory.resolve("maps"));
        if (maps.isEmpty()) {
            requireThreadsOfAJvm();
            return;
        }
        var library = maps.get()
                .lines()
                .map(JVM_LIBRARY::matcher)
                .filter(matcher -> matcher.find())
                .findFirst()
                .orElseThrow(this::noJvm);
        var version = javaVersion(library.group(1));
        if (version.isPresent() && feature(version.get()) < OLDEST_JAVA) {
            throw new CommandFailure("process " + pid + " runs Java " + version.get() + ", and " + PRODUCT
                    + " needs Java " + OLDEST_JAVA + " or later");
        }
    }

    private CommandFailure noJvm() {
        return new CommandFailure("process " + pid + name() + " is not a JVM");
    }

    /** What a process has mapped may be hidden where the names of its threads are not. */
    private void requireThreadsOfAJvm() {
        var threads = threads();
        if (!threads.isEmpty() && !threads.contains(VM_THREAD)) {
            throw noJvm();
        }
    }

    /** The names of its threads; empty if they can't be read. */
    private Set<String> threads() {
        var names = new HashSet<String>();
        try (var tasks = Files.newDirectoryStream(directory.resolve("task"))) {
            for (var task : tasks) {
                readable(task.resolve("comm")).ifPresent(name -> names.add(name.strip()));
            }
        } catch (IOException | DirectoryIteratorException notOursToRead) {
            return Set.of();
        }
        return names;
    }

    /** Whether the agent runs there, or is just being started: it has threads then, and none afterwards. Only with rights to attach. */
    boolean agentRuns() {
        return threads().stream().anyMatch(name -> name.startsWith(OF_THE_AGENT)) || agentSaysSo();
    }

    /** An agent without a way to kernel events has no threads, and still waits to be told to stop. */
    private boolean agentSaysSo() {
        RequiredModules.present("jdk.attach");
        try {
            var machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return machine.getSystemProperties().containsKey(KernelFlightRecorder.RUNS);
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException | IOException failure) {
            throw explained(Cli.jar(), failure);
        }
    }

    private String name() {
        return readable(directory.resolve("comm"))
                .map(comm -> " (" + comm.strip() + ")")
                .orElse("");
    }

    /** The version of the Java home to which a library belongs: its file {@code release} lies some levels above. */
    private Optional<String> javaVersion(String libraryDirectory) {
        var level = Path.of(libraryDirectory);
        for (var i = 0; i < LEVELS_TO_JAVA_HOME && level != null; i++, level = level.getParent()) {
            var release = readable(inTarget(level.resolve("release").toString()));
            if (release.isPresent()) {
                var matcher = RELEASE_VERSION.matcher(release.get());
                return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The feature release of a version such as {@code 25.0.3} or {@code 1.8.0_452} (1), or the oldest if unreadable. */
    static int feature(String version) {
        var digits = version.replaceAll("[^0-9].*", "");
        return digits.isEmpty() || digits.length() > 9 ? OLDEST_JAVA : Integer.parseInt(digits);
    }

    /** A path of the target, whose root may be another than ours. */
    private Path inTarget(String path) {
        return directory.resolve("root").resolve(path.substring(1));
    }

    /** The agent that this JVM runs or has run: its jar stays open for good. Empty if none, or if we may not look. */
    Optional<RunningAgent> agent(Path ownJar) {
        try (var descriptors = Files.newDirectoryStream(directory.resolve("fd"))) {
            for (var descriptor : descriptors) {
                var agent = agentAt(descriptor, ownJar);
                if (agent != null) {
                    return Optional.of(agent);
                }
            }
        } catch (IOException notOursToRead) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static RunningAgent agentAt(Path descriptor, Path ownJar) {
        try {
            var file = Files.readSymbolicLink(descriptor).toString();
            if (!file.matches(".*\\.jar( \\(deleted\\))?")) {
                return null;
            }
            try (var jar = new JarFile(descriptor.toFile(), false)) {
                var manifest = jar.getManifest();
                var attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
                return PRODUCT.equals(attributes.getValue(Attributes.Name.IMPLEMENTATION_TITLE))
                        ? new RunningAgent(
                                file,
                                Objects.toString(attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION)),
                                Files.isSameFile(descriptor, ownJar))
                        : null;
            }
        } catch (IOException closedMeanwhileOrNoJar) {
            return null;
        }
    }

    /** Has the target load an agent jar, and waits for its {@code agentmain}. */
    void load(Path jar, String options) {
        if (Files.isReadable(directory.resolve("root")) && !Files.exists(inTarget(jar.toString()))) {
            throw new CommandFailure(
                    "process " + pid + " has another root (a container) without " + jar + ": copy kfr.jar there first");
        }
        try {
            ByteBuddyAgent.attach(jar.toFile(), Long.toString(pid), options);
        } catch (RuntimeException failure) {
            throw explained(jar, failure);
        }
    }

    /** Has the target start its local management agent if it does not run, and returns the address of its MBeans. */
    JMXServiceURL management() {
        RequiredModules.present("jdk.attach", "java.management.rmi");
        try {
            var machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return new JMXServiceURL(machine.startLocalManagementAgent());
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException | IOException failure) {
            throw explained(Cli.jar(), failure);
        }
    }

    private CommandFailure explained(Path jar, Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        var message = Objects.toString(cause.getMessage(), cause.getClass().getName());
        if (message.contains("attach handshake")) {
            // Not the JDK's sentence: it has the process's whole command line, in which there may be secrets.
            return new CommandFailure(
                    "cannot attach to process " + pid + name() + ": it is no JVM, or one that has hardly begun",
                    failure);
        }
        // By name: the types belong to module jdk.attach, which this runtime may lack.
        var hint =
                switch (cause.getClass().getSimpleName()) {
                    case "AttachNotSupportedException" -> " (does it run with -XX:+DisableAttachMechanism?)";
                    case "AgentInitializationException" ->
                        " (its standard error tells more; can its user read " + jar + "?)";
                    case "IllegalStateException" ->
                        ModuleLayer.boot().findModule("jdk.attach").isPresent()
                                ? ""
                                : " (this Java runtime has no module jdk.attach, use a JDK's java)";
                    default -> "";
                };
        return new CommandFailure("cannot attach to process " + pid + ": " + message + hint, failure);
    }

    /** The content of a file of {@code /proc}, empty if it cannot be read. */
    private static Optional<String> readable(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException notOursToRead) {
            return Optional.empty();
        }
    }
}
