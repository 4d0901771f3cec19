// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An object in the kernel: variables, constants and maps as C and Java see them. */
@NeedsKernel
class BpfCollectionTest {
    private static final int CALLS = 1000;

    private final OpenDescriptors before = OpenDescriptors.now();
    private final BpfObject object = TestObjects.parse("handles_maps.bpf.o");

    @AfterEach
    void nothingIsLeftOpen() {
        before.assertSameNow();
    }

    @Test
    void variablesBeginAsTheProgramInitialisesThem() {
        try (var collection = BpfCollection.of(object).open()) {
            assertEquals(40, collection.global("counter").get());
            assertEquals(-5, collection.global("negative").get());
            assertEquals(0, collection.global("zeroed").get());
            assertEquals(1, collection.global("step").get());
            Global points = collection.global("points");
            StructLayout point = points.struct();
            assertEquals(8, point.size());
            assertEquals(
                    -5,
                    points.memory()
                            .get(JAVA_INT, 2L * point.size() + point.field("x").offset()));
            assertEquals(
                    6,
                    points.memory()
                            .get(JAVA_INT, 2L * point.size() + point.field("y").offset()));
        }
    }

    @Test
    void programAndJavaShareVariablesAndMaps() {
        try (var collection = opened(BpfCollection.of(object).constant("step", -3))) {
            collection.global("counter").set(CALLS * 4);
            collection.load("count").attach();
            for (int i = 0; i < CALLS; i++) {
                TestObjects.trigger();
            }
            assertEquals(CALLS, collection.global("counter").get());
            assertEquals(CALLS, collection.global("zeroed").get());
            assertEquals(CALLS, collection.map("mapped").memory().get(JAVA_INT, 3L * 8));
            assertEquals(CALLS, sumOverCpus(collection.map("per_cpu"), 0));
            assertEquals(CALLS * 4L, only(collection.map("second")));
            assertEquals(0, only(collection.map("first")));
        }
    }

    @Test
    void aDetachedProgramCountsNoMore() {
        try (var collection = opened(BpfCollection.of(object))) {
            var program = collection.load("count");
            var link = program.attach();
            TestObjects.trigger();
            link.close();
            link.close();
            TestObjects.trigger();
            assertEquals(1, collection.global("zeroed").get());
            program.attach();
            TestObjects.trigger();
            assertEquals(2, collection.global("zeroed").get());
            program.close();
            TestObjects.trigger();
            assertEquals(2, collection.global("zeroed").get());
        }
    }

    @Test
    void constantsCantBeChangedOnceOpen() {
        try (var collection =
                BpfCollection.of(object).constant("caller", 0xffff_ffffL).open()) {
            Global caller = collection.global("caller");
            assertEquals(0xffff_ffffL, caller.get());
            assertThrows(IllegalArgumentException.class, () -> caller.set(1));
            assertEquals(
                    Reason.NOT_PERMITTED,
                    failure(() -> overwrite(collection.map(".rodata"))).reason());
        }
    }

    @Test
    void onlyConstantsOfTheirSizeCanBeSet() {
        var builder = BpfCollection.of(object);
        builder.constant("step", -128).constant("step", 255).constant("caller", 0xffff_ffffL);
        assertEquals(
                Reason.INVALID, failure(() -> builder.constant("step", 256)).reason());
        assertEquals(
                Reason.INVALID, failure(() -> builder.constant("step", -129)).reason());
        assertEquals(
                Reason.NOT_FOUND, failure(() -> builder.constant("counter", 1)).reason());
        assertEquals(
                Reason.NOT_FOUND, failure(() -> builder.constant("none", 1)).reason());
    }

    @Test
    void mapsCanBeResized() {
        try (var collection = BpfCollection.of(object).maxEntries("hash", 10).open()) {
            assertEquals(10, collection.map("hash").maxEntries());
            try (var same = BpfMap.of(collection.map("hash").fd())) {
                assertEquals(10, same.maxEntries());
            }
        }
        assertEquals(
                Reason.NOT_FOUND,
                failure(() -> BpfCollection.of(object).maxEntries("none", 1)).reason());
    }

    @Test
    void twoCollectionsCanShareAMap() {
        try (var first = BpfCollection.of(object).open()) {
            BpfMap shared = first.map("mapped");
            try (var second = opened(BpfCollection.of(object).share(shared))) {
                assertEquals(shared, second.map("mapped"));
                assertNotEquals(first.map("hash").id(), second.map("hash").id());
                second.load("count").attach();
                TestObjects.trigger();
            }
            assertEquals(1, shared.memory().get(JAVA_INT, 3L * 8), "still open, and counted by the other's program");
        }
    }

    @Test
    void aMapOfAnotherShapeCantBeShared() {
        var other = object.maps().get("mapped").withMaxEntries(7);
        var wrong = new MapSpec(
                other.name(),
                MapType.HASH,
                other.keySize(),
                other.valueSize(),
                1,
                0,
                0,
                0,
                0,
                null,
                other.initial(),
                new byte[0]);
        try (var map = BpfMap.create(wrong)) {
            assertEquals(
                    Reason.INVALID,
                    failure(() -> BpfCollection.of(object).share(map)).reason());
        }
    }

    @Test
    void namesThatAreNotThereAreTold() {
        try (var collection =
                BpfCollection.of(object).kernel(TestObjects.kernel()).open()) {
            assertEquals(Reason.NOT_FOUND, failure(() -> collection.map("none")).reason());
            assertEquals(
                    Reason.NOT_FOUND, failure(() -> collection.global("none")).reason());
            assertEquals(
                    Reason.NOT_FOUND, failure(() -> collection.data(".none")).reason());
            assertEquals(
                    Reason.NOT_FOUND, failure(() -> collection.load("none")).reason());
        }
    }

    @Test
    void aMapThatCantBeCreatedLeavesNoneOfTheOthersBehind() {
        for (String map : object.maps().keySet()) {
            if (!object.maps().get(map).isData()) {
                var builder = BpfCollection.of(object).maxEntries(map, -1); // as unsigned: too many for any kind
                BpfException e = failure(builder::open);
                assertTrue(e.getMessage().contains(map), e.getMessage());
                before.assertSameNow();
            }
        }
    }

    @Test
    void closingTwiceClosesOnce() {
        var collection = opened(BpfCollection.of(object));
        var program = collection.load("count");
        var link = program.attach();
        MemorySegment counter = collection.global("counter").memory();
        collection.close();
        var other = BpfCollection.of(object).open(); // gets the same descriptor numbers
        collection.close();
        program.close();
        link.close();
        assertEquals(40, other.global("counter").get());
        assertFalse(other.map("hash").delete(Arena.ofAuto().allocate(JAVA_INT)));
        other.close();
        assertThrows(IllegalStateException.class, () -> counter.get(JAVA_LONG, 0));
    }

    private static BpfCollection opened(BpfCollection.Builder builder) {
        return builder.kernel(TestObjects.kernel())
                .constant("caller", Threads.currentId())
                .constant("trigger", TestObjects.TRIGGER)
                .open();
    }

    private static BpfException failure(Runnable action) {
        return assertThrows(BpfException.class, action::run);
    }

    private static void overwrite(BpfMap map) {
        try (var arena = Arena.ofConfined()) {
            map.update(arena.allocate(JAVA_INT), arena.allocate(map.valueBytes()));
        }
    }

    private static long sumOverCpus(BpfMap map, int index) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(map.valueBytes(), 8);
            map.lookup(arena.allocateFrom(JAVA_INT, index), values);
            long sum = 0;
            for (int cpu = 0; cpu < Cpus.possible(); cpu++) {
                sum += values.get(JAVA_INT, (long) cpu * map.valueStride());
            }
            return sum;
        }
    }

    private static long only(BpfMap map) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_LONG);
            assertTrue(map.lookup(arena.allocateFrom(JAVA_INT, 0), value));
            return value.get(JAVA_LONG, 0);
        }
    }
}
