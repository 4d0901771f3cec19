// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import dev.kfr.agent.DaemonThread;
import dev.kfr.agent.Log;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanRegistrationException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** Waits for the platform MBean server and registers there. Apart from {@link MBeans} so that those load without module java.management. */
final class Registration {
    private static final long LOOK_MILLIS = 100;

    private final List<MBeans.Bean> beans;
    private final NotificationSource notifications = NotificationSource.of(name(MBeans.AGENT));
    private final List<ObjectName> registered = new ArrayList<>();
    private MBeanServer server;
    private boolean closed;

    Registration(List<MBeans.Bean> beans) {
        this.beans = List.copyOf(beans);
    }

    Notifications notifications() {
        return notifications;
    }

    /** @param latestMillis after this time the platform MBean server is started by us */
    void start(long latestMillis) {
        DaemonThread.of("kfr-mbeans", () -> run(latestMillis)).start();
    }

    private void run(long latestMillis) {
        try {
            MBeanServer found = await(latestMillis);
            if (found != null) {
                register(found);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            Log.warn("no MBeans: " + e);
        }
    }

    /** The platform MBean server; null if closed meanwhile. */
    private synchronized MBeanServer await(long latestMillis) throws InterruptedException {
        long end = System.nanoTime() + latestMillis * 1_000_000;
        while (!closed) {
            MBeanServer platform = running();
            if (platform != null) {
                return platform;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return ManagementFactory.getPlatformMBeanServer();
            }
            wait(Math.min(left, LOOK_MILLIS));
        }
        return null;
    }

    /** The platform MBean server if it runs: a service may have servers of its own beside it, but only it has the JVM's MBeans. */
    private static MBeanServer running() {
        for (MBeanServer candidate : MBeanServerFactory.findMBeanServer(null)) {
            if (candidate.isRegistered(name(ManagementFactory.RUNTIME_MXBEAN_NAME))) {
                return candidate;
            }
        }
        return null;
    }

    private static ObjectName name(String text) {
        try {
            return new ObjectName(text);
        } catch (MalformedObjectNameException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    synchronized void register(MBeanServer into) {
        server = into;
        for (MBeans.Bean bean : beans) {
            if (closed) {
                return;
            }
            try {
                ObjectName name = name("kernel:type=" + bean.type());
                boolean tells = name.toString().equals(MBeans.AGENT);
                DescribedMBean mbean = tells
                        ? NotifyingMBean.of(bean.mxbean(), bean.monitor(), notifications)
                        : DescribedMBean.of(bean.mxbean(), bean.monitor());
                server.registerMBean(mbean, name);
                registered.add(name);
            } catch (JMException | RuntimeException e) {
                Log.warn("no MBean kernel:type=" + bean.type() + ": " + e);
            }
        }
    }

    synchronized void close() {
        closed = true;
        notifyAll();
        for (ObjectName name : registered) {
            try {
                server.unregisterMBean(name);
            } catch (InstanceNotFoundException | MBeanRegistrationException gone) {
                // somebody else removed it: that is what we want
            } catch (RuntimeException e) { // of a server that is the service's own
                Log.warn("MBean " + name + " could not be removed: " + e);
            }
        }
        registered.clear();
    }
}
