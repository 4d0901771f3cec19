// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.events.SettingsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KernelSettingsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel.FileOpn#enabled | true | there is no event 'kernel.FileOpn': valid are kernel.BlockIo, ",
                "jdk.FileRead#enabled | true | there is no event 'jdk.FileRead'",
                "kernel.FileSync | 0ms | 'kernel.FileSync' names no setting: write EVENT#SETTING=VALUE",
                "kernel.FileSync#treshold | 0ms | kernel.FileSync has no setting 'treshold': valid are enabled, scope, ",
                "kernel.FileOpen#foo | true | kernel.FileOpen has no setting 'foo'",
                "kernel.CpuUsage#threshold | 1ms | kernel.CpuUsage has no setting 'threshold'",
                "kernel.FileSync#threshold | abc | kernel.FileSync#threshold: 'abc' is no time: valid is a time such as 20 ms",
                "kernel.FileSync#threshold | 10 | is no time",
                "kernel.FileSync#threshold | 1.5 s | is no time",
                "kernel.FileSync#threshold | -1 ms | is no time",
                "kernel.FileSync#enabled | maybe | kernel.FileSync#enabled: 'maybe' is neither true nor false",
                "kernel.CpuUsage#period | abc | is no period: valid is a time such as 20 ms",
                "kernel.CpuUsage#period | everychunk | infinity, beginChunk, endChunk or everyChunk",
                "kernel.SyscallError#errors | EFOO | kernel.SyscallError#errors: there is no error EFOO",
                "kernel.SyscallError#errors | all -EFOO | there is no error EFOO",
                "kernel.SyscallError#errors | none | has the unknown name 'none' (valid: names such as ENOENT",
                "kernel.FileOpen#throttle | fast | throttle=fast is no rate (valid: off, or such as 100/s)",
                "kernel.FileOpen#scope | pod | scope=pod is unknown (valid: default, host, container, jvm)",
                "kernel.Syscall#waiting | yes | kernel.Syscall#waiting: 'yes' is neither true nor false",
                "kernel.ProcessStart#arguments | 1 | '1' is neither true nor false"
            })
    void saysInALineWhatIsWrongAndWhatIsValid(String key, String value, String complaint) {
        var problem = KernelSettings.problem(key, value).orElse("no problem");
        assertTrue(problem.contains(complaint), problem);
        assertEquals(1, problem.lines().count(), problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel.FileSync#threshold | 0ms",
                "kernel.FileSync#threshold | 20 us",
                "kernel.FileSync#threshold | infinity",
                "kernel.CpuUsage#period | 1 s",
                "kernel.CpuUsage#period | endChunk",
                "kernel.CpuUsage#enabled | false",
                "kernel.SyscallError#errors | all -EAGAIN -ENOENT",
                "kernel.SyscallError#errors | EACCES+EPERM",
                "kernel.FileOpen#throttle | off",
                "kernel.FileOpen#scope | container",
                "kernel.Syscall#waiting | true",
                "kernel.ProcessStart#arguments | TRUE"
            })
    void takesWhatIsValid(String key, String value) {
        assertEquals(Optional.empty(), KernelSettings.problem(key, value));
    }

    @ParameterizedTest
    @EnumSource
    void takesAllThatTheReadyMadeFilesSay(SettingsFile file) {
        RecordingSettings.readyMade(file)
                .forEach((key, value) -> assertEquals(Optional.empty(), KernelSettings.problem(key, value), key));
    }

    @Test
    void aFileMayHoldWhatToolsWriteOfEachEvent(@TempDir Path directory) throws Exception {
        var file = Files.writeString(
                directory.resolve("mine.jfc"),
                """
                <configuration version="2.0">
                  <event name="jdk.Unheard">
                    <setting name="enabled">maybe</setting>
                  </event>
                  <event name="kernel.CpuUsage">
                    <setting name="enabled">true</setting>
                    <setting name="stackTrace">false</setting>
                    <setting name="threshold">0 ns</setting>
                  </event>
                </configuration>
                """);
        var settings = RecordingSettings.read(file.toString(), Map.of(), null);
        assertEquals("true", settings.get("kernel.CpuUsage#enabled"));
        Files.writeString(file, Files.readString(file).replace(">0 ns<", ">none<"));
        var failure = assertThrows(CommandFailure.class, () -> RecordingSettings.read(file.toString(), Map.of(), null));
        assertTrue(
                failure.getMessage().contains("mine.jfc are wrong: kernel.CpuUsage#threshold: 'none' is no time"),
                failure.getMessage());
    }
}
