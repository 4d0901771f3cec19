// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.doctor;

import dev.kfr.agent.RuntimeModules;
import dev.kfr.agent.record.JavaThreads;
import dev.kfr.events.EventTimes;
import java.util.ArrayList;
import java.util.List;

/** This JVM. The service's may be another one. */
final class JavaChecks {
    private JavaChecks() {}

    static List<Check> all() {
        var checks = new ArrayList<Check>();
        checks.add(Check.ok(
                "version",
                System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vm.name") + ", "
                        + System.getProperty("java.home") + ")"));
        checks.add(module("java.instrument", true, "a JVM without it refuses to start with -javaagent"));
        checks.add(module("jdk.jfr", true, "without it there are MBeans and no events"));
        checks.add(module("java.management", true, "without it there are events and no MBeans"));
        checks.add(module("jdk.attach", false, "without it this runtime can't run attach, detach and top PID"));
        if (RuntimeModules.present().jfr()) {
            checks.add(
                    EventTimes.supported()
                            ? Check.ok("times of events", "the kernel's")
                            : Check.missing(
                                    "times of events",
                                    "those of reading",
                                    "This JVM's events have no fields startTime and duration: use a HotSpot JDK 25"));
        }
        checks.add(threads());
        return checks;
    }

    private static Check module(String name, boolean needed, String consequence) {
        if (ModuleLayer.boot().findModule(name).isPresent()) {
            return Check.ok("module " + name, "present");
        }
        var advice = consequence + ": link the runtime with jlink --add-modules " + name;
        return needed
                ? Check.missing("module " + name, "absent", advice)
                : Check.note("module " + name, "absent", advice);
    }

    private static Check threads() {
        try (var threads = JavaThreads.open()) {
            return threads.reason().isEmpty()
                    ? Check.ok("names of Java threads", "known")
                    : Check.missing(
                            "names of Java threads",
                            threads.reason(),
                            "Events tell the kernel's thread id and name only; all else works");
        }
    }
}
