// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A service for {@link RecordingIT}: waits for the MBeans that its arguments name, prints their attributes, and writes and syncs a file
 * until the agent has recorded enough of it.
 */
final class WatchedService {
    private static final long ENOUGH = 200;

    private WatchedService() {}

    public static void main(String[] names) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (String name : names) {
            var mbean = new ObjectName(name);
            while (!server.isRegistered(mbean)) {
                Thread.sleep(50);
            }
            for (MBeanAttributeInfo attribute : server.getMBeanInfo(mbean).getAttributes()) {
                System.out.println("attribute://" + name + "/" + attribute.getName() + " " + attribute.getType());
            }
        }
        Path file = Files.createTempFile("watched", ".bin");
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE))) {
            while ((long) server.getAttribute(new ObjectName("kernel:type=Agent"), "EventsRecorded") < ENOUGH) {
                channel.write(ByteBuffer.allocate(1 << 20), 0);
                channel.force(true);
                Thread.sleep(20);
            }
        } finally {
            Files.delete(file);
        }
    }
}
