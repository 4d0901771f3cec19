// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import dev.kfr.agent.DaemonThread;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.MBeanNotificationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;

/** Sends notifications on a thread that exists only while there are some. */
final class NotificationSource extends NotificationBroadcasterSupport implements Notifications {
    private static final int MOST_WAITING = 256;
    private static final long IDLE_SECONDS = 2;

    private final AtomicLong sequence = new AtomicLong();

    private final ObjectName source;

    private NotificationSource(ThreadPoolExecutor executor, ObjectName source) {
        super(executor, information());
        this.source = source;
    }

    /** @param source the MBean that listeners see */
    static NotificationSource of(ObjectName source) {
        var executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                task -> DaemonThread.of("kfr-notify", task),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
        return new NotificationSource(executor, source);
    }

    private static MBeanNotificationInfo[] information() {
        return Arrays.stream(Kind.values())
                .map(kind -> new MBeanNotificationInfo(
                        new String[] {kind.type()}, Notification.class.getName(), kind.description()))
                .toArray(MBeanNotificationInfo[]::new);
    }

    @Override
    public void tell(Kind kind, Instant time, String message) {
        try {
            sendNotification(
                    new Notification(kind.type(), source, sequence.incrementAndGet(), time.toEpochMilli(), message));
        } catch (RuntimeException e) {
            // a listener's filter may throw anything; the reader must not care
        }
    }
}
