// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kfr.agent.Options.MBeans;
import dev.kfr.agent.Options.Start;
import dev.kfr.events.Scope;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void nothingGivenMeansTheDefaults(String text) {
        var options = Options.parse(text);
        assertEquals(EnumSet.allOf(Subject.class), options.probes());
        assertEquals(Scope.HOST, options.scope());
        assertEquals(MBeans.ON_DEMAND, options.mbeans());
        assertEquals(8 * 1024 * 1024, options.ring());
        assertEquals(10_240, options.processes());
        assertEquals(Start.ASYNC, options.start());
    }

    @Test
    void readsEachOption() {
        assertEquals(
                new Options(
                        Set.of(Subject.CPU, Subject.FILES), Scope.JVM, MBeans.ALWAYS, 65_536, 4_194_304, Start.SYNC),
                Options.parse("probes=cpu+files,scope=jvm,mbeans=always,ring=64K,processes=4194304,start=sync"));
    }

    @ParameterizedTest
    @CsvSource({"65536,65536", "64K,65536", "8M,8388608", "256M,268435456", "1024K,1048576"})
    void readsRingSizesWithUnits(String value, int bytes) {
        assertEquals(bytes, Options.parse("ring=" + value).ring());
    }

    @ParameterizedTest
    @ValueSource(strings = {"32K", "512M", "3M", "8G", "8m", "", "-8M", "0", "99999999999", "999999999M"})
    void namesTheValidRingSizes(String value) {
        assertEquals(
                "invalid option 'ring=" + value + "': valid is a power of two from 64K to 256M, for instance 8M",
                mistakeIn("ring=" + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"63", "4194305", "many", "", "1e3"})
    void namesTheValidProcessCounts(String value) {
        assertEquals(
                "invalid option 'processes=" + value + "': valid is a number from 64 to 4194304",
                mistakeIn("processes=" + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "cpu+", "all+cpu", "", "CPU", "cpu files"})
    void namesTheValidSubjects(String value) {
        assertEquals(
                "invalid option 'probes=" + value + "': valid is all, or joined by + syscalls, files, processes, cpu,"
                        + " memory, network, block",
                mistakeIn("probes=" + value));
    }

    @Test
    void namesTheValidValuesOfAChoice() {
        assertEquals("invalid option 'scope=pod': valid is host, container, jvm", mistakeIn("scope=pod"));
        assertEquals("invalid option 'mbeans=on': valid is on-demand, always, off", mistakeIn("mbeans=on"));
        assertEquals("invalid option 'start=': valid is async, sync", mistakeIn("start"));
    }

    @Test
    void namesTheValidOptions() {
        var valid = "valid are probes, scope, mbeans, ring, processes, start";
        assertEquals("unknown option 'probe': " + valid, mistakeIn("scope=jvm,probe=cpu"));
        assertEquals("unknown option '': " + valid, mistakeIn("scope=jvm,"));
    }

    @Test
    void refusesAnOptionGivenTwice() {
        assertEquals("option 'scope' is given twice", mistakeIn("scope=jvm,scope=host"));
    }

    private static String mistakeIn(String text) {
        return assertThrows(IllegalArgumentException.class, () -> Options.parse(text))
                .getMessage();
    }
}
