// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Threads;

/**
 * A process of its own, for which a test has mounted tracefs: counts its calls with a classic tracepoint, tries one that
 * is not there, and prints what came of both.
 */
final class CountWithTracepoint {
    private CountWithTracepoint() {}

    public static void main(String[] arguments) {
        try (var collection = BpfCollection.of(TestObjects.parse("handles_attach.bpf.o"))
                .kernel(KernelBtf.ofRunningKernel())
                .constant("caller", Threads.currentId())
                .constant("trigger", TestObjects.TRIGGER)
                .open()) {
            var link = collection.load("on_tracepoint").attach();
            for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
                TestObjects.trigger();
            }
            link.close();
            TestObjects.trigger();
            System.out.print(collection.global("tracepoint_runs").get() + " runs, then ");
            try {
                collection.load("on_missing_tracepoint").attach();
                System.out.println("attached");
            } catch (BpfException e) {
                System.out.println(e.reason());
            }
        }
    }
}
