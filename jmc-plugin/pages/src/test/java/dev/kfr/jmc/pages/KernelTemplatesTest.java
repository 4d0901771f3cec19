// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.configuration.events.EventConfiguration;

/** As Mission Control reads them: with the parser and validator of its core. */
class KernelTemplatesTest {

    @Test
    void offersKernelEventsAloneAndTogetherWithThoseOfTheJvm() throws Exception {
        assertEquals(
                List.of("Continuous + Kernel", "Kernel", "Profiling + Kernel Profiling", "Kernel Profiling"),
                templates().stream().map(EventConfiguration::getName).toList());
    }

    @Test
    void combinedTemplatesHaveTheSettingsOfBoth() throws Exception {
        Map<String, String> settings = settings(template("Continuous + Kernel"));

        assertEquals("20 ms", settings.get("kernel.Syscall#threshold"));
        assertEquals("true", settings.get("jdk.GarbageCollection#enabled"));
        settings(template("Kernel")).forEach((setting, value) -> assertEquals(value, settings.get(setting), setting));
    }

    @Test
    void templatesOfThePluginCanNotBeChanged() throws Exception {
        for (EventConfiguration template : templates()) {
            assertTrue(!template.isSaveable() && !template.isDeletable(), template.getName());
        }
    }

    @Test
    void offersNothingForOtherKindsOfFiles() {
        assertEquals(List.of(), new KernelTemplates().getStorageDelegates(".xml"));
    }

    private static List<EventConfiguration> templates() throws Exception {
        List<EventConfiguration> templates = new ArrayList<>();
        for (var delegate : new KernelTemplates().getStorageDelegates(".jfc")) {
            templates.add(new EventConfiguration(delegate));
        }
        return templates;
    }

    private static EventConfiguration template(String name) throws Exception {
        return templates().stream()
                .filter(template -> template.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> settings(EventConfiguration template) {
        return template.getConfigEventTypes().stream()
                .flatMap(type -> template.getOptionIDs(type).stream())
                .collect(Collectors.toMap(
                        option -> option.getEventTypeID().getFullKey() + "#" + option.getOptionKey(),
                        template::getPersistableString));
    }
}
