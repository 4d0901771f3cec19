// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads a {@code /proc} made for the test, with process 42 in it. */
class TargetJvmTest {
    private static final String JDK_MAPPING = "7f00-7f01 r-xp 00000000 08:01 7 /opt/jdk/lib/server/libjvm.so\n";

    @TempDir
    private Path proc;

    @BeforeEach
    void writeProcess() throws IOException {
        write("self/status", "Name:\tjava\nUid:\t1000\t1000\t1000\t1000\n");
        write("42/status", "Name:\tjava\nUid:\t1000\t1000\t1000\t1000\n");
        write("42/comm", "java\n");
        write("42/maps", "7e00-7e01 r-xp 00000000 08:01 6 /usr/lib/libc.so.6\n" + JDK_MAPPING);
        write("42/root/opt/jdk/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.3\"\n");
    }

    @Test
    void acceptsAJvmOfTheSameUser() {
        assertDoesNotThrow(() -> TargetJvm.of(42, proc));
    }

    @Test
    void saysThatThereIsNoSuchProcess() {
        assertEquals("there is no process 43", refusal(43));
    }

    @Test
    void saysThatAProcessIsNoJvm() throws IOException {
        write("42/comm", "nginx\n");
        write("42/maps", "7e00-7e01 r-xp 00000000 08:01 6 /usr/lib/libc.so.6\n");
        assertEquals("process 42 (nginx) is not a JVM", refusal(42));
    }

    @Test
    void asksTheThreadsWhereTheMemoryIsHidden() throws IOException {
        Files.delete(proc.resolve("42/maps"));
        write("42/comm", "init\n");
        write("42/task/42/comm", "init\n");
        assertEquals("process 42 (init) is not a JVM", refusal(42));
        write("42/task/43/comm", "VM Thread\n");
        assertDoesNotThrow(() -> TargetJvm.of(42, proc));
    }

    @Test
    void saysWhoseTheProcessIs() throws IOException {
        write("self/status", "Uid:\t1001\t1001\t1001\t1001\n");
        var message = refusal(42);
        assertEquals("process 42 belongs to user ", message.replaceAll("(?<=user ).*", ""));
    }

    @Test
    void rootMayAttachToEverybody() throws IOException {
        write("self/status", "Uid:\t0\t0\t0\t0\n");
        assertDoesNotThrow(() -> TargetJvm.of(42, proc));
    }

    @Test
    void saysThatTheJvmIsTooOld() throws IOException {
        write("42/root/opt/jdk/release", "JAVA_VERSION=\"21.0.7\"\n");
        assertEquals("process 42 runs Java 21.0.7, and Kernel Flight Recorder needs Java 25 or later", refusal(42));
    }

    @Test
    void recognisesAJvmWhoseFilesWereReplaced() throws IOException {
        write("42/maps", JDK_MAPPING.strip() + " (deleted)\n");
        write("42/root/opt/jdk/release", "JAVA_VERSION=\"17\"\n");
        assertEquals("process 42 runs Java 17, and Kernel Flight Recorder needs Java 25 or later", refusal(42));
    }

    @Test
    void leavesToTheAttachmentWhatItCannotRead() throws IOException {
        Files.delete(proc.resolve("42/maps"));
        assertDoesNotThrow(() -> TargetJvm.of(42, proc));
        write("42/maps", JDK_MAPPING);
        Files.delete(proc.resolve("42/root/opt/jdk/release"));
        assertDoesNotThrow(() -> TargetJvm.of(42, proc));
    }

    @ParameterizedTest
    @CsvSource({"25.0.3,25", "26-ea,26", "1.8.0_452,1", "unknown,25"})
    void readsTheFeatureRelease(String version, int feature) {
        assertEquals(feature, TargetJvm.feature(version));
    }

    private String refusal(long pid) {
        return assertThrows(CommandFailure.class, () -> TargetJvm.of(pid, proc)).getMessage();
    }

    private void write(String file, String content) throws IOException {
        var path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }
}
