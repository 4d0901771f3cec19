// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.KernelFlightRecorder;
import dev.kfr.agent.control.Trial;
import dev.kfr.agent.doctor.Check;
import dev.kfr.agent.doctor.Examination;
import dev.kfr.agent.doctor.Grant;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = {
            "Tells what this host, kernel, user and Java can do, probe by probe, and what to do about the rest.",
            "",
            "Every program that the agent may ever need is put into the kernel, in the variant that would be used, and"
                    + " taken out again; nothing is attached. Run it as the service runs: as its user, with its"
                    + " capabilities, with its Java, in its container."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything works",
            "1:something does not; the output names it, and what helps",
            "2:wrong usage, or Java older than 25"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sudo java -jar kfr.jar doctor",
            "  java -jar kfr.jar doctor --json | jq '.probes[] | select(.works | not)'",
            "  setpriv --bounding-set=-all,+bpf,+perfmon java -jar kfr.jar doctor"
        })
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "for scripts: one JSON object")
    private boolean json;

    @Override
    public Integer call() {
        var examination = Examination.run();
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(json(examination)));
        } else {
            print(out, examination);
        }
        out.flush();
        return examination.works() ? 0 : 1;
    }

    private static void print(PrintWriter out, Examination examination) {
        out.println("Kernel Flight Recorder " + KernelFlightRecorder.version() + ", user "
                + System.getProperty("user.name") + ", process "
                + ProcessHandle.current().pid());
        examination.checks().forEach((about, checks) -> {
            out.println();
            out.println(about);
            checks.forEach(check -> print(out, check));
        });
        out.println();
        printProbes(out, examination);
        if (examination.capabilitiesLacking()) {
            out.println();
            out.println("How a service is given CAP_BPF and CAP_PERFMON");
            Grant.all(System.getProperty("user.name")).forEach(grant -> print(out, grant));
        }
        out.println();
        out.println(verdict(examination));
    }

    private static void print(PrintWriter out, Check check) {
        out.printf("  %-8s %-28s %s%n", word(check.state()), check.name(), check.found());
        if (!check.advice().isEmpty()) {
            out.printf("  %-8s %-28s -> %s%n", "", "", check.advice());
        }
    }

    private static String word(Check.State state) {
        return switch (state) {
            case OK -> "ok";
            case NOTE -> "note";
            case MISSING -> "MISSING";
        };
    }

    private static void printProbes(PrintWriter out, Examination examination) {
        if (!examination.refusal().isEmpty()) {
            out.println("Probes: none can be used. " + examination.refusal());
            return;
        }
        out.println("Probes, each in the variant that would be used, and for what");
        for (var probe : examination.probes()) {
            out.printf(
                    "  %-8s %-20s %-24s %s%n",
                    probe.works() ? "ok" : "MISSING",
                    probe.probe(),
                    probe.variant(),
                    String.join(", ", probe.subjects()));
            if (!probe.message().isEmpty()) {
                out.printf("  %-8s %-20s -> %s%n", "", "", probe.message());
            }
        }
    }

    private static void print(PrintWriter out, Grant grant) {
        out.println("  " + grant.where());
        grant.how().forEach(line -> out.println("      " + line));
    }

    private static String verdict(Examination examination) {
        if (examination.works()) {
            return "Everything works.";
        }
        long missing = examination.missing();
        return missing == 1 ? "One thing is missing." : missing + " things are missing.";
    }

    private static Map<String, Object> json(Examination examination) {
        var all = new LinkedHashMap<String, Object>();
        all.put("version", KernelFlightRecorder.version());
        all.put("user", System.getProperty("user.name"));
        all.put("works", examination.works());
        all.put("missing", examination.missing());
        var checks = new ArrayList<Map<String, Object>>();
        examination.checks().forEach((about, list) -> list.forEach(check -> checks.add(json(about, check))));
        all.put("checks", checks);
        all.put("probes", examination.probes().stream().map(DoctorCommand::json).toList());
        all.put("refusal", examination.refusal());
        all.put("grants", examination.capabilitiesLacking() ? Grant.all(System.getProperty("user.name")) : List.of());
        return all;
    }

    private static Map<String, Object> json(String about, Check check) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("about", about);
        fields.put("name", check.name());
        fields.put("state", check.state());
        fields.put("found", check.found());
        fields.put("advice", check.advice());
        return fields;
    }

    private static Map<String, Object> json(Trial.Outcome probe) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("probe", probe.probe());
        fields.put("subjects", probe.subjects());
        fields.put("works", probe.works());
        fields.put("variant", probe.variant());
        fields.put("message", probe.message());
        return fields;
    }
}
