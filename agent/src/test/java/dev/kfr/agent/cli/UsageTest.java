// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What wrong usage is answered with. */
class UsageTest {
    private static List<String> refused(String... arguments) {
        var errors = new StringWriter();
        int exit = Cli.explaining().setErr(new PrintWriter(errors)).execute(arguments);
        assertEquals(2, exit, errors::toString);
        return errors.toString().lines().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "help | there is no command 'help': valid are attach, detach, doctor, record, top, settings, completion",
                "--bogus | Unknown option: '--bogus'",
                "attach abc | Invalid value for positional parameter at index 0 (PID): 'abc' is no process id",
                "attach 4711 scope=pod | invalid option 'scope=pod': valid is host, container, jvm",
                "detach 99999999999 | Invalid value for positional parameter at index 0 (PID): '99999999999' is no process id",
                "record --pid x | Invalid value for option '--pid': 'x' is no process id",
                "record --set a | Invalid value for option '--set' (EVENT#SETTING=VALUE): 'a' is not of the form EVENT#SETTING=VALUE",
                "record --set kernel.FileOpen#foo=1 | Invalid value for option '--set': kernel.FileOpen has no setting 'foo': valid are enabled, scope, threshold, throttle",
                "top bogus | 'bogus' is neither a PID nor HOST:PORT nor service:jmx:..."
            })
    void isSaidInALineAndWhereToReadMoreInAnother(String arguments, String complaint) {
        var words = arguments.split(" ");
        var command = complaint.startsWith("there is no command") || words[0].startsWith("-") ? "" : " " + words[0];
        assertEquals(List.of(complaint, "Try 'java -jar kfr.jar" + command + " --help'."), refused(words));
    }

    @Test
    void withoutACommandItShowsWhichThereAre() {
        var lines = refused();
        assertEquals("a command is missing", lines.getFirst());
        assertTrue(lines.stream().anyMatch(line -> line.strip().startsWith("record ")), lines::toString);
    }
}
