// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import dev.kfr.agent.block.BlockMXBean;
import dev.kfr.agent.block.BlockMonitor;
import dev.kfr.agent.block.BlockProbe;
import dev.kfr.agent.control.ControlPlane;
import dev.kfr.agent.control.SubjectProbe;
import dev.kfr.agent.cpu.CpuMXBean;
import dev.kfr.agent.cpu.CpuMonitor;
import dev.kfr.agent.cpu.CpuProbe;
import dev.kfr.agent.files.FileCounters;
import dev.kfr.agent.files.FilesMXBean;
import dev.kfr.agent.files.FilesMonitor;
import dev.kfr.agent.files.FilesProbe;
import dev.kfr.agent.jmx.MBeans;
import dev.kfr.agent.jmx.Monitor;
import dev.kfr.agent.memory.MemoryMXBean;
import dev.kfr.agent.memory.MemoryMonitor;
import dev.kfr.agent.memory.MemoryProbe;
import dev.kfr.agent.memory.OutOfMemoryKills;
import dev.kfr.agent.network.NetworkMXBean;
import dev.kfr.agent.network.NetworkMonitor;
import dev.kfr.agent.network.NetworkProbe;
import dev.kfr.agent.processes.ProcessesMXBean;
import dev.kfr.agent.processes.ProcessesMonitor;
import dev.kfr.agent.processes.ProcessesProbe;
import dev.kfr.agent.processes.RecentExits;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Containers;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.Tasks;
import dev.kfr.agent.syscalls.SyscallNames;
import dev.kfr.agent.syscalls.SyscallsMXBean;
import dev.kfr.agent.syscalls.SyscallsMonitor;
import dev.kfr.agent.syscalls.SyscallsProbe;
import dev.kfr.events.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All subjects, each with its probe and its MBean: the one place that knows them all. Filled by {@link #create}, read by the same thread.
 */
public final class Subjects {
    private final Options options;
    private final ControlPlane plane;
    private final RecentExits exits;
    private final OutOfMemoryKills kills;
    private final List<SubjectProbe> probes = new ArrayList<>();
    private final List<Supplier<MBeans.Bean>> beans = new ArrayList<>();

    /**
     * @param exits what the control plane tells of processes that ended
     * @param kills what it tells of those that were killed for their memory
     */
    Subjects(Options options, ControlPlane plane, RecentExits exits, OutOfMemoryKills kills) {
        this.options = options;
        this.plane = plane;
        this.exits = exits;
        this.kills = kills;
    }

    /** Makes the probes of the subjects that the options allow. */
    List<SubjectProbe> create(AgentIdentity identity, Processes processes, EventCounters counters) {
        var tasks = new Tasks(processes); // what several subjects are made from
        for (var subject : Subject.values()) {
            if (options.probes().contains(subject)) {
                switch (subject) {
                    case SYSCALLS -> addSyscalls(processes);
                    case FILES -> addFiles(processes, counters);
                    case PROCESSES -> addProcesses(identity, counters);
                    case BLOCK -> addBlock();
                    case CPU -> addCpu(processes, tasks);
                    case NETWORK -> addNetwork(processes);
                    case MEMORY -> addMemory(processes, tasks);
                }
            }
        }
        return List.copyOf(probes);
    }

    /** What the agent would watch with these options, to be tried and not to be run: nothing in it knows a control plane. */
    public static List<SubjectProbe> toTry(Options options) {
        var identity = AgentIdentity.ofThisProcess();
        var processes = new Processes(options.processes(), identity, new Containers(identity));
        return new Subjects(options, null, new RecentExits(), new OutOfMemoryKills()).create(identity, processes, null);
    }

    /** The MBeans of these subjects; after {@link #create}. */
    List<MBeans.Bean> beans() {
        return beans.stream().map(Supplier::get).toList();
    }

    private void addSyscalls(Processes processes) {
        var names = SyscallNames.ofThisMachine();
        var probe = new SyscallsProbe(options.processes(), processes, names);
        add(
                probe,
                "Syscalls",
                SyscallsMXBean.class,
                () -> new SyscallsMonitor(demanded("syscalls", probe::table), processes, names, plane::identity));
    }

    private void addFiles(Processes processes, EventCounters counters) {
        var probe = new FilesProbe(options.processes(), processes, SyscallNames.ofThisMachine()::name);
        Supplier<FileCounters> files = () -> {
            var table = probe.table();
            return table == null ? null : new FileCounters(table, counters);
        };
        add(
                probe,
                "Files",
                FilesMXBean.class,
                () -> new FilesMonitor(demanded("files", files), processes, probe.names()));
    }

    private void addProcesses(AgentIdentity identity, EventCounters counters) {
        boolean all = options.scope() == Scope.HOST && identity.inInitialPidNamespace();
        add(
                new ProcessesProbe(),
                "Processes",
                ProcessesMXBean.class,
                () -> new ProcessesMonitor(demanded("processes", () -> counters), exits, all));
    }

    private void addCpu(Processes processes, Tasks tasks) {
        var probe = new CpuProbe(processes, tasks, SyscallNames.ofThisMachine()::name);
        add(
                probe,
                "Cpu",
                CpuMXBean.class,
                () -> new CpuMonitor(
                        demanded("cpu", probe::account),
                        demanded(CpuProbe.LATENCY, probe::runQueue),
                        processes,
                        tasks,
                        probe::runQueue));
    }

    private void addMemory(Processes processes, Tasks tasks) {
        var probe = new MemoryProbe(options.processes(), processes, tasks);
        add(
                probe,
                "Memory",
                MemoryMXBean.class,
                () -> new MemoryMonitor(
                        demanded("memory", probe::faults),
                        demanded(MemoryProbe.KERNEL, probe::kernelMemory),
                        kills,
                        processes));
    }

    private void addBlock() {
        var probe = new BlockProbe();
        add(probe, "Block", BlockMXBean.class, () -> new BlockMonitor(demanded("block", probe::table)));
    }

    private void addNetwork(Processes processes) {
        var probe = new NetworkProbe(options.processes(), processes);
        add(
                probe,
                "Network",
                NetworkMXBean.class,
                () -> new NetworkMonitor(
                        demanded("network", probe::counted),
                        demanded(NetworkProbe.CONNECTIONS, probe::recent),
                        processes));
    }

    /** @param monitor made when the control plane knows the counters */
    private void add(SubjectProbe probe, String type, Class<?> mxbean, Supplier<? extends Monitor> monitor) {
        probes.add(probe);
        beans.add(() -> new MBeans.Bean(type, mxbean, monitor.get()));
    }

    private <T> DemandedCounters<T> demanded(String counters, Supplier<T> source) {
        return new DemandedCounters<>(plane.demand(counters), source);
    }
}
