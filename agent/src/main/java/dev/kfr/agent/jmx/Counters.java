// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.time.Instant;

/**
 * The counters of a subject, which run while somebody reads them. MBeans ask here; the control plane starts and stops. Called from any thread.
 *
 * @param <T> what the counters are read from
 */
public interface Counters<T> {
    /**
     * Somebody reads: starts the counters if they don't run and keeps them running for the time that the options say. Returns at once.
     *
     * @return where to read what there is; null if these counters can't run (the Agent MBean says why) or have not got that far
     */
    T demand();

    /** Since when the counters run without a gap; null if they don't. */
    Instant since();
}
