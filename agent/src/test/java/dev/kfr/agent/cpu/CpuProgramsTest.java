// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.record.CompiledLayouts;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.NeedsKernel;
import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.linux.Cpus;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

@NeedsKernel
class CpuProgramsTest {
    @Test
    void everyVariantLoadsAndAttaches() {
        var failures = new ArrayList<String>();
        try (var collection = BpfCollection.of(CompiledLayouts.object("cpu"))
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
