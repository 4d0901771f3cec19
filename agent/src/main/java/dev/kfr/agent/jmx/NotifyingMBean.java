// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import javax.management.ListenerNotFoundException;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.NotificationEmitter;
import javax.management.NotificationFilter;
import javax.management.NotificationListener;

/** A described MBean that also sends notifications. The others don't, so that clients offer a subscription only where something comes. */
final class NotifyingMBean extends DescribedMBean implements NotificationEmitter {
    private final NotificationEmitter source;

    private <T> NotifyingMBean(T monitor, Class<T> type, NotificationEmitter source) {
        super(monitor, type);
        this.source = source;
    }

    static <T> NotifyingMBean of(Class<T> type, Object monitor, NotificationEmitter source) {
        return new NotifyingMBean(type.cast(monitor), type, source);
    }

    /** As of any MBean of ours, and which notifications there are: {@code StandardMBean} has no place for these. */
    @Override
    public MBeanInfo getMBeanInfo() {
        MBeanInfo info = super.getMBeanInfo();
        return new MBeanInfo(
                info.getClassName(),
                info.getDescription(),
                info.getAttributes(),
                info.getConstructors(),
                info.getOperations(),
                getNotificationInfo(),
                info.getDescriptor());
    }

    @Override
    public void addNotificationListener(NotificationListener listener, NotificationFilter filter, Object handback) {
        source.addNotificationListener(listener, filter, handback);
    }

    @Override
    public void removeNotificationListener(NotificationListener listener) throws ListenerNotFoundException {
        source.removeNotificationListener(listener);
    }

    @Override
    public void removeNotificationListener(NotificationListener listener, NotificationFilter filter, Object handback)
            throws ListenerNotFoundException {
        source.removeNotificationListener(listener, filter, handback);
    }

    @Override
    public MBeanNotificationInfo[] getNotificationInfo() {
        return source.getNotificationInfo();
    }
}
