// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The product's objects, compiled for this machine: all that there are. */
public final class CompiledObjects {
    private static final String SUFFIX = ".bpf.o";

    private CompiledObjects() {}

    /** The architecture's name among resources. */
    public static String architecture() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    }

    /** Their names, such as {@code syscalls}. */
    public static List<String> names() {
        try {
            URI directory =
                    BpfObject.class.getResource("/bpf/" + architecture()).toURI();
            if (!directory.getScheme().equals("jar")) {
                return names(Path.of(directory));
            }
            try (var jar = FileSystems.newFileSystem(directory, Map.of())) {
                return names(jar.getPath("/bpf", architecture()));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        }
    }

    /** Reads one. */
    public static BpfObject parse(String name) {
        String resource = "/bpf/" + architecture() + "/" + name + SUFFIX;
        try (var in = BpfObject.class.getResourceAsStream(resource)) {
            return BpfObject.parse(name, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }
}
