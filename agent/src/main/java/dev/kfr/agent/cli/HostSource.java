// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.Options;
import dev.kfr.agent.cli.top.Source;
import dev.kfr.agent.control.Watched;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;

/** The MBeans of a session in the command's own JVM: the host, without any service. */
final class HostSource implements Source {
    private static final long APPEAR_MILLIS = 10_000;

    /** More rows than a screen has, so that what has just become busy is among them. */
    private static final int ROWS = 500;

    private final HostSession session;
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    HostSource() throws InterruptedException {
        session = new HostSession(Options.DEFAULT, Watched.SELF);
        try {
            awaitMBeans();
        } catch (JMException e) {
            session.close();
            throw new CommandFailure("no MBeans: " + e, e);
        }
    }

    private void awaitMBeans() throws JMException, InterruptedException {
        // The last to be registered.
        var last = new ObjectName("kernel:type=Agent");
        long end = System.nanoTime() + APPEAR_MILLIS * 1_000_000;
        while (!server.isRegistered(last) && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        for (var name : server.queryNames(new ObjectName("kernel:*"), null)) {
            for (var attribute : server.getMBeanInfo(name).getAttributes()) {
                if (attribute.getName().equals("TableSize")) {
                    server.setAttribute(name, new Attribute("TableSize", ROWS));
                }
            }
        }
    }

    @Override
    public String name() {
        try {
            return "host " + InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "this host";
        }
    }

    @Override
    public MBeanServerConnection connection() {
        return server;
    }

    @Override
    public boolean ofService() {
        return false;
    }

    @Override
    public void close() {
        session.close();
    }
}
