// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import dev.kfr.agent.block.BlockMXBean;
import dev.kfr.agent.cpu.CpuMXBean;
import dev.kfr.agent.files.FilesMXBean;
import dev.kfr.agent.memory.MemoryMXBean;
import dev.kfr.agent.network.NetworkMXBean;
import dev.kfr.agent.processes.ProcessesMXBean;
import dev.kfr.agent.syscalls.SyscallsMXBean;
import java.util.List;

/** All interfaces of MBeans, in the order of the docs. */
public final class MXBeans {
    public static final List<Class<?>> ALL = List.of(
            AgentMXBean.class,
            SyscallsMXBean.class,
            FilesMXBean.class,
            ProcessesMXBean.class,
            CpuMXBean.class,
            MemoryMXBean.class,
            NetworkMXBean.class,
            BlockMXBean.class);

    private MXBeans() {}
}
