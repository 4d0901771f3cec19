// SPDX-License-Identifier: Apache-2.0

/** A service that does nothing until its standard input ends. Says when {@code main} began; with an argument it starts JMX first. */
public final class Idle {
    private Idle() {}

    public static void main(String[] args) throws Exception {
        long began = System.nanoTime();
        if (args.length > 0) {
            java.lang.management.ManagementFactory.getPlatformMBeanServer();
        }
        System.out.println("main ".concat(Long.toString(began)));
        System.out.flush();
        while (System.in.read() >= 0) {
            // until it is told to end
        }
    }
}
