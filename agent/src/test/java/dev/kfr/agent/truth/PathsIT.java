// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names of files as events have them. */
class PathsIT {
    private static final String[] RECORDED = {
        "FileOpen throttle=off",
        "FileRead threshold=0ms throttle=off",
        "FileWrite threshold=0ms throttle=off",
        "FileSync threshold=0ms throttle=off",
        "FileDelete throttle=off",
        "FileRename throttle=off"
    };

    private static Host host;

    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        host = Host.start("ring=64M");
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @BeforeEach
    void makeDirectory() throws Exception {
        directory = Files.createTempDirectory("paths").toRealPath();
    }

    /** By a program: Java has no way to name what lies deeper than 4,096 bytes. */
    @AfterEach
    void removeDirectory() throws Exception {
        var rm = new ProcessBuilder("rm", "-rf", directory.toString()).start();
        assertTrue(rm.waitFor(60, TimeUnit.SECONDS));
    }

    private record Seen(Events events, long pid) {
        List<String> paths(String type) {
            return events.of(type, pid).stream().map(e -> e.getString("path")).toList();
        }

        /** Opens in the order in which they were made. */
        RecordedEvent open(int i) {
            return events.of("FileOpen", pid).get(i);
        }
    }

    private Seen seen(Object... operations) throws Exception {
        var arguments = new ArrayList<Object>(List.of("do"));
        arguments.addAll(List.of(operations));
        try (var witness = Witness.start(arguments.toArray());
                var recording = host.record(RECORDED)) {
            witness.go();
            return new Seen(recording.stop(), witness.pid());
        }
    }

    private String in(String name) {
        return directory.resolve(name).toString();
    }

    @Test
    void anOpenFileHasItsRealPath() throws Exception {
        var seen = seen(
                "mkdir",
                in("a"),
                "mkdir",
                in("a/b"),
                "create",
                in("a/b/file"),
                "link",
                "b/file",
                in("a/link"),
                "link",
                in("a"),
                in("other"),
                "open",
                in("other/link"),
                "chdir",
                in("a/b"),
                "open",
                "file",
                "open",
                "../link",
                "open",
                ".././b/../../a//b/file",
                "open-in",
                in("a"),
                "b/file",
                "open-in",
                in("other"),
                "link");
        var file = in("a/b/file");
        assertEquals(
                List.of(file, file, file, file, file, in("a"), file, in("a"), file),
                seen.paths("FileOpen"),
                "create, through links, by the working directory, by a descriptor");
        assertEquals("O_WRONLY|O_CREAT", seen.open(0).getString("flags"), seen::toString);
        assertEquals("0640", seen.open(0).getString("mode"), seen::toString);
    }

    @Test
    void theRootHasAName() throws Exception {
        var seen = seen("open", "/", "chroot", directory, "open", "/", "chdir", "/", "open", ".");
        assertEquals(List.of("/", "/", "/"), seen.paths("FileOpen"));
    }

    @Test
    void whatLiesInNoDirectoryHasTheNameThatTheKernelGaveIt() throws Exception {
        var seen = seen("memory-file", "scratch", "msync");
        assertEquals(List.of("memfd:scratch"), seen.paths("FileWrite"));
        assertEquals(List.of(""), seen.paths("FileSync"));
        assertEquals("msync", seen.events.of("FileSync", seen.pid).getFirst().getString("call"));
    }

    @Test
    void aFailedOpenHasThePathAsAskedMadeAbsolute() throws Exception {
        var seen = seen(
                "mkdir",
                in("a"),
                "chdir",
                in("a"),
                "open",
                "/no/such file",
                "open",
                "missing",
                "open",
                "./x/../missing",
                "open-in",
                in("a"),
                "gone",
                "open",
                "",
                "open-in",
                "/",
                "gone",
                "open-in",
                in("no directory"),
                "lost");
        var opens = seen.events.of("FileOpen", seen.pid).stream()
                .filter(e -> !e.getString("error").isEmpty())
                .toList();
        assertEquals(
                List.of(
                        "/no/such file",
                        in("a/missing"),
                        in("a/x/../missing"),
                        in("a/gone"),
                        in("a"),
                        "/gone",
                        in("no directory"),
                        "lost"),
                opens.stream().map(e -> e.getString("path")).toList());
        opens.forEach(e -> assertEquals(
                e.getString("path").equals("lost") ? "EBADF -1" : "ENOENT -1",
                e.getString("error") + " " + e.getInt("fileDescriptor")));
    }

    @Test
    void bytesThatAreNoTextAreShown() throws Exception {
        var seen = seen(
                "create",
                in("n%FF%C3%A4me %E2%82"),
                "open",
                in("n%FF%C3%A4me %E2%82"),
                "open",
                in("no%FEne"),
                "rename",
                in("n%FF%C3%A4me %E2%82"),
                in("%80"),
                "unlink",
                in("%80"));
        var name = in("n\\xFFäme \\xE2\\x82");
        assertEquals(List.of(name, name, in("no\\xFEne")), seen.paths("FileOpen"));
        assertEquals(List.of(name), seen.paths("FileRename"));
        assertEquals(
                in("\\x80"), seen.events.of("FileRename", seen.pid).getFirst().getString("newPath"));
        assertEquals(List.of(in("\\x80")), seen.paths("FileDelete"));
    }

    @Test
    void longNamesAndDeepPathsAreWhole() throws Exception {
        var level = "d".repeat(255);
        var last = "e".repeat(4_095 - directory.toString().length() - 15 * 256 - 1);
        var seen = seen("chdir", directory, "deep", 15, 255, "create", last, "open", "missing");
        var parent = directory + ("/" + level).repeat(15);
        assertEquals(4_095, (parent + "/" + last).length());
        assertEquals(List.of(parent + "/" + last, parent + "/missing"), seen.paths("FileOpen"));
    }

    @Test
    void theLongestNameIsWhole() throws Exception {
        var name = "n".repeat(255);
        var seen = seen("create", in(name), "open", in(name + "n"), "unlink", in(name));
        assertEquals(List.of(in(name), in(name + "n")), seen.paths("FileOpen"));
        assertEquals("ENAMETOOLONG", seen.open(1).getString("error"), seen::toString);
        assertEquals(List.of(in(name)), seen.paths("FileDelete"));
    }

    @Test
    void pathsOfManyLevelsAreWhole() throws Exception {
        var seen = seen("chdir", directory, "deep", 200, 1, "create", "file");
        assertEquals(List.of(directory + "/d".repeat(200) + "/file"), seen.paths("FileOpen"));
    }

    @Test
    void longerPathsAreCutAtTheFrontAndMarked() throws Exception {
        var name = "d".repeat(255);
        var seen = seen("chdir", directory, "deep", 20, 255, "create", "file", "open", "missing");
        var mark = "[...]";
        var path = seen.open(0).getString("path");
        assertTrue(path.startsWith(mark + "/"), path);
        assertTrue(path.endsWith("/" + name + "/file"), path);
        assertTrue((directory + ("/" + name).repeat(20) + "/file").endsWith(path.substring(mark.length())), path);
        int length = path.length() - mark.length();
        assertTrue(length > 4_096 - 256 && length <= 4_096, length + " bytes");
        var missing = seen.open(1).getString("path");
        assertTrue(missing.startsWith(mark + "/") && missing.endsWith("/" + name + "/missing"), missing);
    }

    @Test
    void aRemovedFileKeepsItsName() throws Exception {
        var seen = seen("read-deleted", in("removed"));
        var file = List.of(in("removed"));
        assertEquals(file, seen.paths("FileOpen"));
        assertEquals(file, seen.paths("FileDelete"));
        assertEquals(file, seen.paths("FileWrite"));
        assertEquals(file, seen.paths("FileRead"));
        assertEquals(file, seen.paths("FileSync"));
    }

    @Test
    void pathsAreThoseOfTheProcessRoot() throws Exception {
        var seen = seen(
                "mkdir",
                in("root"),
                "mkdir",
                in("root/in"),
                "create",
                in("root/in/file"),
                "chroot",
                in("root"),
                "open",
                "/in/file",
                "chdir",
                "/in",
                "open",
                "missing",
                "unlink",
                "file");
        assertEquals(List.of(in("root/in/file"), "/in/file", "/in/missing"), seen.paths("FileOpen"));
        assertEquals(List.of("/in/file"), seen.paths("FileDelete"));
    }

    @Test
    void boundDirectoriesHaveThePathOfTheirMount() throws Exception {
        var seen = seen(
                "mkdir",
                in("from"),
                "mkdir",
                in("from/sub"),
                "mkdir",
                in("to"),
                "create",
                in("from/sub/file"),
                "bind",
                in("from"),
                in("to"),
                "open",
                in("to/sub/file"),
                "open",
                in("from/sub/file"));
        assertEquals(List.of(in("from/sub/file"), in("to/sub/file"), in("from/sub/file")), seen.paths("FileOpen"));
    }

    @Test
    void namesAreRemovedAndChangedRelativeToDirectories() throws Exception {
        var seen = seen(
                "mkdir",
                in("a"),
                "mkdir",
                in("b"),
                "mkdir",
                in("a/sub"),
                "create",
                in("a/one"),
                "create",
                in("a/two"),
                "rename-in",
                in("a"),
                "one",
                in("b"),
                "eins",
                "rename",
                in("a/two"),
                in("b/zwei"),
                "chdir",
                in("b"),
                "rename",
                "zwei",
                "../a/due",
                "unlink-in",
                in("b"),
                "eins",
                "unlink-in",
                in("a"),
                "missing",
                "rmdir-in",
                in("a"),
                "sub",
                "unlink",
                "../a/due");
        assertEquals(
                List.of(
                        in("a/one") + " " + in("b/eins") + " ",
                        in("a/two") + " " + in("b/zwei") + " ",
                        in("b/zwei") + " " + in("b/../a/due") + " "),
                seen.events.of("FileRename", seen.pid).stream()
                        .map(e -> e.getString("path") + " " + e.getString("newPath") + " " + e.getString("error"))
                        .toList());
        assertEquals(
                List.of(in("b/eins") + " ", in("a/missing") + " ENOENT", in("a/sub") + " ", in("b/../a/due") + " "),
                seen.events.of("FileDelete", seen.pid).stream()
                        .map(e -> e.getString("path") + " " + e.getString("error"))
                        .toList());
    }
}
