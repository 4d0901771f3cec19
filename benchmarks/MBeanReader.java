// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** A service that reads an MBean, all attributes in one request as jconsole does, for each line of its standard input, and prints the nanoseconds. */
public final class MBeanReader {
    private MBeanReader() {}

    public static void main(String[] args) throws Exception {
        var server = ManagementFactory.getPlatformMBeanServer();
        System.out.println("main " + System.nanoTime());
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(read(server, new ObjectName("kernel:type=" + line)));
        }
    }

    private static long read(MBeanServer server, ObjectName name) throws Exception {
        var attributes = Arrays.stream(server.getMBeanInfo(name).getAttributes())
                .filter(MBeanAttributeInfo::isReadable)
                .map(MBeanAttributeInfo::getName)
                .toArray(String[]::new);
        long began = System.nanoTime();
        int read = server.getAttributes(name, attributes).size();
        long took = System.nanoTime() - began;
        if (read < attributes.length) {
            throw new IllegalStateException(name + " gave only " + read + " of " + attributes.length + " attributes");
        }
        return took;
    }
}
