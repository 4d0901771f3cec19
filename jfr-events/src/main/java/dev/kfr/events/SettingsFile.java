// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.io.InputStream;

/** Ready-made settings for JFR that name every event and each of its settings. JFR reads settings from files only: they have to be written to one. */
public enum SettingsFile {
    /** Low overhead, for continuous use. */
    KERNEL("kernel.jfc"),
    /** Every event, low thresholds, for minutes. */
    KERNEL_PROFILE("kernel-profile.jfc");

    private final String fileName;

    SettingsFile(String fileName) {
        this.fileName = fileName;
    }

    /** Its name where no file is meant: the file's without its ending. */
    public String shortName() {
        return fileName.substring(0, fileName.lastIndexOf('.'));
    }

    /** The name by which documentation and command lines know it. */
    public String fileName() {
        return fileName;
    }

    /** What the file holds. */
    public InputStream open() {
        return SettingsFile.class.getResourceAsStream(fileName);
    }
}
