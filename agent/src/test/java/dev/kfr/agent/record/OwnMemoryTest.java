// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnMemoryTest {
    @Test
    void readsWhatIsMappedThroughTheFileAndThroughTheCall() throws IOException {
        try (var arena = Arena.ofConfined();
                var file = OwnMemory.open();
                var call = OwnMemory.byCall()) {
            var segment = arena.allocate(64);
            segment.set(ValueLayout.JAVA_LONG, 0, 0x1122334455667788L);
            segment.setString(16, "eetop");
            for (OwnMemory memory : new OwnMemory[] {file, call}) {
                assertEquals(0x1122334455667788L, memory.readLong(segment.address()));
                assertEquals(0x55667788, memory.readInt(segment.address()));
                assertEquals("eetop", memory.readString(segment.address() + 16));
            }
        }
    }

    @Test
    void anAddressThatIsNotMappedIsAnErrorAndNoCrash() throws IOException {
        try (var file = OwnMemory.open();
                var call = OwnMemory.byCall()) {
            for (OwnMemory memory : new OwnMemory[] {file, call}) {
                for (long address : new long[] {0, 8, 0x7fff_ffff_f000L, 0x0123_4567_89ab_cdefL}) {
                    assertThrows(IOException.class, () -> memory.readLong(address), Long.toHexString(address));
                }
            }
        }
    }

    @Test
    void bothWaysReadTheSameDescriptionOfTheVm() throws IOException {
        var names = Set.of("Thread::_osthread", "OSThread::_thread_id");
        try (var file = OwnMemory.open();
                var call = OwnMemory.byCall()) {
            Map<String, Integer> offsets = new VmStructs(file).offsets(names);
            assertEquals(offsets, new VmStructs(call).offsets(names));
            assertTrue(offsets.get("Thread::_osthread") > 0, offsets.toString());
            var missing =
                    assertThrows(IOException.class, () -> new VmStructs(file).offsets(Set.of("Thread::_nothing")));
            assertEquals("this JVM does not describe Thread::_nothing", missing.getMessage());
        }
    }
}
