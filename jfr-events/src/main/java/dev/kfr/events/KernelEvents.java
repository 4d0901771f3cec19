// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import dev.kfr.events.agent.ChunkEnd;
import dev.kfr.events.agent.EventLoss;
import dev.kfr.events.agent.ProbeStatistics;
import dev.kfr.events.agent.ProbeStatus;
import dev.kfr.events.block.BlockIo;
import dev.kfr.events.block.BlockIoStatistics;
import dev.kfr.events.cpu.CpuUsage;
import dev.kfr.events.cpu.OffCpu;
import dev.kfr.events.cpu.ProcessCpu;
import dev.kfr.events.cpu.RunQueueWait;
import dev.kfr.events.files.FileDelete;
import dev.kfr.events.files.FileOpen;
import dev.kfr.events.files.FileRead;
import dev.kfr.events.files.FileRename;
import dev.kfr.events.files.FileStatistics;
import dev.kfr.events.files.FileSync;
import dev.kfr.events.files.FileWrite;
import dev.kfr.events.memory.DirectReclaim;
import dev.kfr.events.memory.KernelMemory;
import dev.kfr.events.memory.MajorPageFault;
import dev.kfr.events.memory.OutOfMemoryKill;
import dev.kfr.events.memory.PageFaults;
import dev.kfr.events.network.NetworkStatistics;
import dev.kfr.events.network.SocketCreate;
import dev.kfr.events.network.TcpConnect;
import dev.kfr.events.network.TcpConnection;
import dev.kfr.events.network.TcpRetransmit;
import dev.kfr.events.processes.ProcessExit;
import dev.kfr.events.processes.ProcessStart;
import dev.kfr.events.processes.Signal;
import dev.kfr.events.syscalls.Syscall;
import dev.kfr.events.syscalls.SyscallError;
import dev.kfr.events.syscalls.SyscallStatistics;
import java.util.List;
import jdk.jfr.Event;

/** All event types, in the order in which they are registered. */
public final class KernelEvents {
    /** Every event type of a recording. */
    public static final List<Class<? extends Event>> ALL = List.of(
            SyscallStatistics.class,
            Syscall.class,
            SyscallError.class,
            FileOpen.class,
            FileRead.class,
            FileWrite.class,
            FileSync.class,
            FileDelete.class,
            FileRename.class,
            FileStatistics.class,
            ProcessStart.class,
            ProcessExit.class,
            Signal.class,
            ProcessCpu.class,
            RunQueueWait.class,
            OffCpu.class,
            CpuUsage.class,
            KernelMemory.class,
            PageFaults.class,
            MajorPageFault.class,
            DirectReclaim.class,
            OutOfMemoryKill.class,
            BlockIo.class,
            BlockIoStatistics.class,
            SocketCreate.class,
            TcpConnection.class,
            TcpConnect.class,
            TcpRetransmit.class,
            NetworkStatistics.class,
            ProbeStatistics.class,
            EventLoss.class,
            ProbeStatus.class,
            ChunkEnd.class);

    private KernelEvents() {}
}
