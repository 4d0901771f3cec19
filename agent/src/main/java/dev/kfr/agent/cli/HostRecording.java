// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import jdk.jfr.Recording;

/** A recording that this JVM makes of the host. Apart from the command, which can be asked for help without module jdk.jfr. */
final class HostRecording implements AutoCloseable {
    private final Recording recording;

    private HostRecording(Recording recording) {
        this.recording = recording;
    }

    /**
     * Starts it.
     *
     * @param maxAge null: all is kept
     * @param maxSize in bytes; null: all is kept
     */
    static HostRecording start(Map<String, String> settings, Duration maxAge, Long maxSize) {
        var recording = new Recording(settings);
        recording.setName("kernel");
        recording.setToDisk(true);
        if (maxAge != null) {
            recording.setMaxAge(maxAge);
        }
        if (maxSize != null) {
            recording.setMaxSize(maxSize);
        }
        recording.start();
        return new HostRecording(recording);
    }

    /** Bytes on the disk so far. A recording itself knows of complete chunks only, and a chunk may last for hours. */
    long size() {
        var repository = System.getProperty("jdk.jfr.repository");
        if (repository == null) {
            return recording.getSize();
        }
        try (var chunks = Files.list(Path.of(repository))) {
            return chunks.mapToLong(chunk -> chunk.toFile().length()).sum();
        } catch (IOException hidden) {
            return recording.getSize();
        }
    }

    /**
     * Ends it and writes the file, which is complete as soon as it has its name.
     *
     * @throws CommandFailure if it can't be written
     */
    void finish(Path file) {
        recording.stop();
        try {
            // Created by JFR itself, so that it has the permissions that the user's files have.
            var part = file.resolveSibling("." + file.getFileName() + ".part");
            try {
                recording.dump(part);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        recording.close();
    }
}
