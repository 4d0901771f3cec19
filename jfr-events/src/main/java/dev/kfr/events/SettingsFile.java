// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ready-made settings for JFR that name every event and each of its settings. JFR reads them from files only, hence {@link #writeTo}. */
public enum SettingsFile {
    /** Low overhead, for continuous use. */
    KERNEL("kernel.jfc"),
    /** Every event, low thresholds, for minutes. */
    KERNEL_PROFILE("kernel-profile.jfc");

    private final String fileName;

    SettingsFile(String fileName) {
        this.fileName = fileName;
    }

    /** The name by which documentation and command lines know it. */
    public String fileName() {
        return fileName;
    }

    /** What the file holds. */
    public InputStream open() {
        return SettingsFile.class.getResourceAsStream(fileName);
    }

    /**
     * Writes the file into a directory that exists, in place of an older one.
     *
     * @return the file
     */
    public Path writeTo(Path directory) throws IOException {
        Path file = directory.resolve(fileName);
        try (InputStream content = open()) {
            Files.write(file, content.readAllBytes());
        }
        return file;
    }
}
