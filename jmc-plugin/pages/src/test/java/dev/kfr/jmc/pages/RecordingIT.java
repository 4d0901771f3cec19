// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.NeedsKernel;
import dev.kfr.events.KernelEvents;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** Holds the plug-in's XML and the product together: with a recording that the agent has just made, and the MBeans that it has just registered. */
@NeedsKernel
class RecordingIT {
    private static final int LIMIT_SECONDS = 120;

    @TempDir
    static Path directory;

    static Path recording;
    static final Map<String, String> ATTRIBUTES = new HashMap<>();

    @BeforeAll
    static void recordAService() throws Exception {
        recording = directory.resolve("service.jfr");
        Path settings = directory.resolve("kernel-profile.jfc");
        Files.copy(RecordingIT.class.getResourceAsStream("/templates/kernel-profile.jfc"), settings);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-javaagent:" + System.getProperty("kfr.jar") + "=start=sync",
                "-XX:StartFlightRecording:settings=default,settings=" + settings + ",filename=" + recording,
                "-Xlog:jfr+startup=off",
                "-cp",
                Path.of(WatchedService.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString(),
                WatchedService.class.getName()));
        command.addAll(Stream.concat(
                        Stream.of("kernel:type=Agent"), consoleAttributes().map(RecordingIT::mbean))
                .distinct()
                .toList());
        Process service = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var out = new BufferedReader(new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8))) {
            out.lines()
                    .filter(line -> line.startsWith("attribute://"))
                    .map(line -> line.split(" "))
                    .forEach(words -> ATTRIBUTES.put(words[0], words[1]));
            assertTrue(service.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "the service did not end");
            assertEquals(0, service.exitValue(), "how the service ended");
        } finally {
            service.destroyForcibly();
        }
    }

    @Test
    void hasEachTypeOfEventWithTheFieldsThatPagesAreTestedWith() throws Exception {
        Map<String, EventType> recorded = new HashMap<>();
        try (var file = new RecordingFile(recording)) {
            file.readEventTypes().forEach(type -> recorded.put(type.getName(), type));
        }
        for (Class<? extends Event> event : KernelEvents.ALL) {
            FlightRecorder.register(event);
            EventType ours = EventType.getEventType(event);
            EventType theirs = recorded.get(ours.getName());
            assertNotNull(theirs, () -> ours.getName() + " is not in the recording");
            assertEquals(fields(ours), fields(theirs), ours::getName);
        }
    }

    @Test
    void hasEventsThatMissionControlShowsOnPages() throws Exception {
        Recorded inMissionControl = Recorded.of(recording.toFile());
        Path sample = directory.resolve("sample.jfr");
        SampleRecording.write(sample);
        Recorded tested = Recorded.of(sample.toFile());

        Set<String> kernel = inMissionControl.types().keySet().stream()
                .filter(type -> type.startsWith("kernel."))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String expected : List.of("kernel.FileSync", "kernel.SyscallStatistics", "kernel.ProbeStatus")) {
            assertTrue(kernel.contains(expected), () -> expected + " is not among " + kernel);
        }
        for (String type : kernel) {
            assertEquals(names(tested, type), names(inMissionControl, type), "attributes of " + type);
        }
    }

    @Test
    void theConsoleNamesNumbersThatThereAre() throws Exception {
        consoleAttributes().forEach(attribute -> {
            String type = ATTRIBUTES.get(attribute);
            assertNotNull(type, () -> attribute + " is not among " + new TreeSet<>(ATTRIBUTES.keySet()));
            assertTrue(Set.of("double", "long", "int").contains(type), () -> attribute + " is a " + type);
        });
    }

    private static Set<String> names(Recorded recorded, String type) {
        return recorded.attributes(List.of(type)).stream()
                .map(Recorded::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> fields(EventType type) {
        return type.getFields().stream()
                .map(field -> field.getName() + " " + field.getTypeName() + " " + field.getContentType())
                .toList();
    }

    /** All attributes of dials and charts in plugin.xml. */
    private static Stream<String> consoleAttributes() throws Exception {
        Element plugin = Page.document("/plugin.xml");
        var attributes = plugin.getElementsByTagName("attribute");
        return IntStream.range(0, attributes.getLength())
                .mapToObj(i -> attributes.item(i).getTextContent().strip());
    }

    private static String mbean(String attribute) {
        return attribute.substring("attribute://".length(), attribute.indexOf('/', "attribute://".length()));
    }
}
