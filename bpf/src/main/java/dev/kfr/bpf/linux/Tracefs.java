// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Tracepoints as tracefs lists them, wherever the system has mounted it; nothing is ever mounted from here. */
public final class Tracefs {
    private static final List<Path> MOUNT_POINTS =
            List.of(Path.of("/sys/kernel/tracing"), Path.of("/sys/kernel/debug/tracing"));

    private Tracefs() {}

    /**
     * The number by which {@code perf_event_open(2)} knows a tracepoint.
     *
     * @param tracepoint category and name, such as {@code raw_syscalls/sys_enter}
     * @throws BpfException NOT_FOUND if tracefs is not mounted or has no such tracepoint, NOT_PERMITTED if it can't be
     *     read
     */
    public static int tracepointId(String tracepoint) {
        String operation = "find tracepoint " + tracepoint;
        Path id = root(operation).resolve("events").resolve(tracepoint).resolve("id");
        try {
            return Integer.parseInt(Files.readString(id).strip());
        } catch (NoSuchFileException e) {
            throw new BpfException(Reason.NOT_FOUND, operation, "this kernel has no such tracepoint", e);
        } catch (AccessDeniedException e) {
            throw new BpfException(Reason.NOT_PERMITTED, operation, id + " can't be read", e);
        } catch (IOException | NumberFormatException e) {
            throw new BpfException(Reason.OTHER, operation, e.toString(), e);
        }
    }

    private static Path root(String operation) {
        for (Path mountPoint : MOUNT_POINTS) {
            try {
                mountPoint.getFileSystem().provider().checkAccess(mountPoint.resolve("events"));
                return mountPoint;
            } catch (AccessDeniedException e) {
                throw new BpfException(Reason.NOT_PERMITTED, operation, mountPoint + " can't be searched", e);
            } catch (IOException e) {
                // not mounted here
            }
        }
        throw new BpfException(Reason.NOT_FOUND, operation, "tracefs is not mounted at any of " + MOUNT_POINTS);
    }
}
