// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmc.flightrecorder.configuration.spi.IConfigurationStorageDelegate;

/** A recording template that comes with the plug-in: users can copy it, but not change it. */
record Template(String contents) implements IConfigurationStorageDelegate {
    @Override
    public InputStream getContents() {
        return new ByteArrayInputStream(contents.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean isSaveable() {
        return false;
    }

    @Override
    public boolean save(String fileContent) {
        return false;
    }

    @Override
    public boolean isDeletable() {
        return false;
    }

    @Override
    public boolean delete() {
        return false;
    }

    @Override
    public String getLocationInfo() {
        return "Kernel Flight Recorder";
    }

    @Override
    public String getLocationPath() {
        return null;
    }
}
