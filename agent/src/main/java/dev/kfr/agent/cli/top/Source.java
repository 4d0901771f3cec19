// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.io.IOException;
import javax.management.MBeanServerConnection;

/** Where MBeans are read. Closing it ends what was begun for it. */
public interface Source extends AutoCloseable {
    /** What it is, for the first line of the screen. */
    String name();

    MBeanServerConnection connection();

    /** Whether they are those of a service, about which the MBeans tell more than about other processes. */
    boolean ofService();

    @Override
    void close() throws IOException;
}
