// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What libbpf makes of an object: runs {@code src/test/c/oracle.c}, which is compiled at first use. */
final class Oracle {
    /**
     * A program as libbpf gave it to the kernel.
     *
     * @param error what the kernel said: 0 or an errno
     */
    record Program(
            String name,
            int error,
            int type,
            int attachType,
            int attachTypeId,
            byte[] instructions,
            byte[] functions,
            byte[] lines) {}

    /** A map as libbpf created it. */
    record LoadedMap(
            String name,
            int descriptor,
            int type,
            int keySize,
            int valueSize,
            int maxEntries,
            int flags,
            int keyTypeId,
            int valueTypeId) {}

    /**
     * All of an object.
     *
     * @param btf the types that libbpf loaded
     */
    record Loaded(Map<String, Program> programs, Map<String, LoadedMap> maps, byte[] btf) {}

    /** libbpf did not load the object at all. */
    static final class LoadFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LoadFailure(String message) {
            super(message);
        }
    }

    private static final class Executable {
        static final Path PATH = compile();

        private static Path compile() {
            try {
                Path path = Files.createTempDirectory("oracle").resolve("oracle");
                run(List.of(
                        "cc",
                        "-O1",
                        "-Wall",
                        "-Werror",
                        "-o",
                        path.toString(),
                        "src/test/c/oracle.c",
                        "-lbpf",
                        "-ldl"));
                path.toFile().deleteOnExit();
                path.getParent().toFile().deleteOnExit();
                return path;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Oracle() {}

    /** Loads an object with the running kernel's types. */
    static Loaded load(Path object) {
        return read(run(List.of(Executable.PATH.toString(), object.toString())));
    }

    /** Loads an object with types of another kernel, in an ELF file or as they are. */
    static Loaded load(Path object, Path kernelTypes) {
        return read(run(List.of(Executable.PATH.toString(), object.toString(), kernelTypes.toString())));
    }

    private static List<String> run(List<String> command) {
        try {
            Path messages = Files.createTempFile("oracle", ".log");
            Process process =
                    new ProcessBuilder(command).redirectError(messages.toFile()).start();
            List<String> lines = process.inputReader().readAllLines();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            String errors = Files.readString(messages);
            Files.delete(messages);
            if (!ended || process.exitValue() != 0) {
                throw new LoadFailure(command + " failed:\n" + errors);
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException("needs cc and libbpf's headers", e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Loaded read(List<String> lines) {
        var programs = new HashMap<String, Program>();
        var maps = new HashMap<String, LoadedMap>();
        byte[] btf = {};
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String rest = line.substring(line.indexOf(' ') + 1);
            if (line.startsWith("btf ")) {
                btf = bytes(rest);
            } else if (line.startsWith("map ")) {
                LoadedMap map = map(rest.split(" "));
                maps.put(map.name(), map);
            } else if (line.startsWith("program ")) {
                programs.put(rest, program(rest, lines.subList(i + 1, i + 9)));
                i += 8;
            }
        }
        return new Loaded(programs, maps, btf);
    }

    private static Program program(String name, List<String> lines) {
        var values = new ArrayList<String>();
        lines.forEach(line -> values.add(line.substring(line.indexOf(' ') + 1)));
        return new Program(
                name,
                Integer.parseInt(values.get(0)),
                Integer.parseInt(values.get(1)),
                Integer.parseInt(values.get(2)),
                Integer.parseInt(values.get(3)),
                bytes(values.get(5)),
                bytes(values.get(6)),
                bytes(values.get(7)));
    }

    private static LoadedMap map(String[] words) {
        int[] numbers = new int[8];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Integer.parseUnsignedInt(words[2 + 2 * i]);
        }
        return new LoadedMap(
                words[0],
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7]);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
