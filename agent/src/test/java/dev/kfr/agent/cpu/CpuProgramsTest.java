// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfObject;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Cpus;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

@NeedsKernel
class CpuProgramsTest {
    static BpfObject object() throws IOException {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
        try (var in = BpfObject.class.getResourceAsStream("/bpf/" + architecture + "/cpu.bpf.o")) {
            return BpfObject.parse("cpu", in.readAllBytes());
        }
    }

    @Test
    void everyVariantLoadsAndAttaches() throws IOException {
        var failures = new ArrayList<String>();
        try (var collection = BpfCollection.of(object())
                .kernel(KernelBtf.ofRunningKernel())
                .maxEntries("event_counters", Cpus.possible())
                .open()) {
            for (var program : collection.object().programs().keySet()) {
                try (var loaded = collection.load(program)) {
                    loaded.attach().close();
                } catch (BpfException e) {
                    failures.add(e.getMessage() + "\n" + e.verifierLog());
                }
            }
        }
        assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
    }
}
