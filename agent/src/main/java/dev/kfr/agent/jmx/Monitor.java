// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.function.Supplier;

/** What stands behind an MBean. */
public interface Monitor {
    /** Runs a request for several attributes, which then come from one look at the tables. */
    default <R> R during(Supplier<R> request) {
        return request.get();
    }
}
