// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** When the MBeans appear, in JVMs of their own, since a platform MBean server that was started once stays. */
class MBeansAppearTest {
    /** A service: registers an MBean as the agent does, and tells what it sees. */
    public static final class Service {
        private Service() {}

        public static void main(String[] args) throws Exception {
            long start = System.nanoTime();
            MBeans beans = MBeans.register(
                    List.of(new MBeans.Bean("Agent", MinimalMXBean.class, new Bean())), args[0].equals("attached"));
            if (args[0].equals("own-server")) {
                MBeanServerFactory.createMBeanServer("service");
            }
            if (args[0].equals("starts-platform-server")) {
                ManagementFactory.getPlatformMBeanServer();
            }
            var name = new ObjectName("kernel:type=Agent");
            long end = start + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() < end
                    && MBeanServerFactory.findMBeanServer(null).stream().noneMatch(s -> s.isRegistered(name))) {
                Thread.sleep(10);
            }
            System.out.println(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            System.out.println(ManagementFactory.getPlatformMBeanServer().isRegistered(name));
            beans.close();
            System.out.println(ManagementFactory.getPlatformMBeanServer().isRegistered(name));
        }
    }

    @Described("For this test.")
    public interface MinimalMXBean {
        String getState();
    }

    private static final class Bean implements MinimalMXBean, Monitor {
        @Override
        public String getState() {
            return "RUNNING";
        }
    }

    private static long millisUntilRegistered(String kind) throws Exception {
        Process process = new ProcessBuilder(
                        new File(System.getProperty("java.home"), "bin/java").getPath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Service.class.getName(),
                        kind)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n");
        assertEquals(0, process.waitFor());
        assertEquals(List.of("true", "false"), List.of(lines[1], lines[2]), "registered, and then removed");
        return Long.parseLong(lines[0]);
    }

    @Test
    void asSoonAsTheServiceStartsThePlatformServer() throws Exception {
        long millis = millisUntilRegistered("starts-platform-server");
        assertTrue(millis < MBeans.LATEST_MILLIS - 500, millis + " ms");
    }

    @Test
    void atTheLatestAfterFiveSecondsIfTheServiceStartsNone() throws Exception {
        long millis = millisUntilRegistered("none");
        assertTrue(millis >= MBeans.LATEST_MILLIS - 100, "too early: " + millis + " ms");
    }

    @Test
    void aServerOfTheServicesOwnIsNotThePlatformsServer() throws Exception {
        long millis = millisUntilRegistered("own-server");
        assertTrue(millis >= MBeans.LATEST_MILLIS - 100, "too early: " + millis + " ms");
    }

    @Test
    void atOnceWhenAttached() throws Exception {
        long millis = millisUntilRegistered("attached");
        assertTrue(millis < MBeans.LATEST_MILLIS - 500, millis + " ms");
    }
}
