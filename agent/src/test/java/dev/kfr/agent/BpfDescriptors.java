// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What of eBPF a process holds, as the kernel tells it in {@code /proc/PID}: an independent witness, and one that tells nothing of other
 * processes' programs.
 *
 * @param programs ids of programs
 * @param tracepoints names of tracepoints that a program is attached to, sorted
 * @param linked ids of programs that are attached
 * @param maps ids of maps
 * @param waiting descriptors to wait with: epoll and eventfd
 * @param mappings how many regions of memory are maps
 */
record BpfDescriptors(
        List<Integer> programs,
        List<String> tracepoints,
        List<Integer> linked,
        List<Integer> maps,
        List<String> waiting,
        int mappings) {

    static BpfDescriptors of(long pid) throws IOException {
        var found = new BpfDescriptors(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                mapped(pid));
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (var descriptor : descriptors) {
                try {
                    found.add(
                            Files.readSymbolicLink(descriptor).toString(),
                            Path.of("/proc/" + pid + "/fdinfo").resolve(descriptor.getFileName()));
                } catch (IOException closedMeanwhile) {
                    // as if it had not been there
                }
            }
        }
        found.tracepoints.sort(null);
        return found;
    }

    /** How many descriptors of all kinds a process has open. */
    static int all(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) descriptors.count();
        }
    }

    private static int mapped(long pid) throws IOException {
        try (var maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
            return (int) maps.filter(line -> line.contains("bpf")).count();
        }
    }

    private void add(String target, Path info) throws IOException {
        switch (target) {
            case "anon_inode:bpf-prog" -> programs.add(Integer.parseInt(field(info, "prog_id")));
            case "anon_inode:bpf-map" -> maps.add(Integer.parseInt(field(info, "map_id")));
            case "anon_inode:bpf_link", "anon_inode:bpf-link" -> {
                tracepoints.add(field(info, "tp_name"));
                linked.add(Integer.parseInt(field(info, "prog_id")));
            }
            case "anon_inode:[eventpoll]", "anon_inode:[eventfd]" -> waiting.add(target);
            default -> {}
        }
    }

    private static String field(Path info, String name) throws IOException {
        return Files.readAllLines(info).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("0");
    }
}
