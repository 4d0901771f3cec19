// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Paths of the files that have rows, from the records that the kernel side sends when it claims a row. A file with several paths has the one that
 * was seen last. Thread-safe.
 */
public final class FileNames {
    /**
     * @param device the kernel's dev_t
     * @param inode number within the device; 0: all files of the device, where numbers don't last
     * @param generation tells files apart that had the number one after the other
     */
    public record File(int device, long inode, int generation) {}

    private static final int MINOR_BITS = 20; // include/linux/kdev_t.h

    private final Map<File, String> paths = new HashMap<>();
    private final Runnable recordsOnTheirWay;

    /** @param recordsOnTheirWay has the records read that are on their way; called with no lock of this class, on any thread that asks for a path */
    public FileNames(Runnable recordsOnTheirWay) {
        this.recordsOnTheirWay = recordsOnTheirWay;
    }

    /** Takes in what a RECORD_FILE_NAME says. */
    public synchronized void learn(int device, long inode, int generation, String path) {
        paths.put(new File(device, inode, generation), path);
    }

    /** The path; if no record told (it was lost), device and inode, as {@code 8:1/4711}. */
    public String path(File file) {
        String path = known(file);
        if (path == null) {
            recordsOnTheirWay.run(); // a row is there before the record of its name is read
            path = known(file);
        }
        return path != null
                ? path
                : (file.device >>> MINOR_BITS) + ":" + (file.device & ((1 << MINOR_BITS) - 1)) + "/"
                        + Long.toUnsignedString(file.inode);
    }

    private synchronized String known(File file) {
        return paths.get(file);
    }

    synchronized int size() {
        return paths.size();
    }

    /** Forgets the names of all other files. */
    synchronized void keep(Set<File> files) {
        paths.keySet().retainAll(new HashSet<>(files));
    }
}
