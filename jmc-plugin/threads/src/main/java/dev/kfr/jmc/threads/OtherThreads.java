// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.threads;

import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.IMCThreadGroup;

/** Stands for all threads that are no Java threads of the recorded JVM: one lane, since a host has thousands of them. */
enum OtherThreads implements IMCThread {
    OF_THE_HOST;

    @Override
    public Long getThreadId() {
        return null;
    }

    @Override
    public String getThreadName() {
        return "(no Java thread)";
    }

    @Override
    public IMCThreadGroup getThreadGroup() {
        return null;
    }

    @Override
    public String toString() {
        return getThreadName();
    }
}
