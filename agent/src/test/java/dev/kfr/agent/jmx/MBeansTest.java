// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kfr.agent.Subject;
import dev.kfr.agent.files.FileCounters;
import dev.kfr.agent.files.FileNames;
import dev.kfr.agent.files.FileTable;
import dev.kfr.agent.files.FilesMXBean;
import dev.kfr.agent.files.FilesMonitor;
import dev.kfr.agent.processes.ProcessesMXBean;
import dev.kfr.agent.processes.ProcessesMonitor;
import dev.kfr.agent.processes.RecentExits;
import dev.kfr.agent.record.AgentIdentity;
import dev.kfr.agent.record.Containers;
import dev.kfr.agent.record.EventCounters;
import dev.kfr.agent.record.Histogram;
import dev.kfr.agent.record.Processes;
import dev.kfr.agent.record.TableRows;
import dev.kfr.agent.syscalls.SyscallNames;
import dev.kfr.agent.syscalls.SyscallTable;
import dev.kfr.agent.syscalls.SyscallsMXBean;
import dev.kfr.agent.syscalls.SyscallsMonitor;
import java.lang.foreign.Arena;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.NotificationBroadcaster;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The MBeans as a client sees them, over tables in which the test plays the kernel. */
class MBeansTest {
    private static final int DISK = 254 << 20 | 1;

    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private final AgentIdentity identity = new AgentIdentity(100, 100, -1, 0, 0, "", 0, "/", "/");
    private final Processes processes = new Processes(100, identity, new Containers(identity));
    private final TableRows syscalls = new TableRows("syscall_row", 1024);
    private final TableRows files = new TableRows("file_row", 1024);
    private final TableRows events = new TableRows("event_counters", 2);
    private final SyscallTable syscallTable = new SyscallTable(syscalls.memory(), syscalls.layout(), process -> true);
    private final Fixed<SyscallTable> syscallCounters = new Fixed<>(syscallTable);
    private final FileNames names = new FileNames(() -> {});
    private final RecentExits exits = new RecentExits();
    private final Status status = new Status();
    private Registration registration;

    private static final class Status implements AgentStatus {
        private final List<String> asked = new ArrayList<>();

        @Override
        public String version() {
            return "0.1.0";
        }

        @Override
        public State state() {
            return State.DEGRADED;
        }

        @Override
        public String stateReason() {
            return "signals: this kernel has no tracepoint signal_generate";
        }

        @Override
        public List<AgentMXBean.ProbeRow> probes() {
            asked.add("measure");
            return List.of(
                    new AgentMXBean.ProbeRow("sys_exit", "syscalls", "tp_btf", "ATTACHED", "", 123_456, 45_000_000, 0),
                    new AgentMXBean.ProbeRow(
                            "signal_generate", "processes", "", "FAILED", "no such tracepoint", 0, 0, 0));
        }

        @Override
        public Map<String, String> probeStates() {
            return Map.of("sys_exit", "ATTACHED", "process_exec", "ATTACHED", "signal_generate", "FAILED");
        }

        @Override
        public Map<Subject, Events> events() {
            var map = new EnumMap<Subject, Events>(Subject.class);
            map.put(Subject.SYSCALLS, new Events(100, 90, 7, 3));
            map.put(Subject.FILES, new Events(50, 50, 0, 0));
            return map;
        }

        @Override
        public boolean kernelTimestamps() {
            return true;
        }

        @Override
        public String javaThreadsReason() {
            return "";
        }

        @Override
        public String scope() {
            return "host";
        }

        @Override
        public Instant since() {
            return Instant.EPOCH;
        }

        @Override
        public void enable(Subject subject) {
            asked.add("enable " + subject);
        }

        @Override
        public void disable(Subject subject) {
            asked.add("disable " + subject);
        }

        @Override
        public void reset() {
            asked.add("reset");
        }

        @Override
        public void stop() {
            asked.add("stop");
        }
    }

    @BeforeEach
    void register() {
        long app = process(100, 7, "java");
        long other = process(4711, 8, "postgres");
        call(app, 0, 1_000, 2_000);
        call(app, 202, 50, 100_000_000);
        call(other, 1, 300, 40_000);
        file(app, 1, "/srv/app/data.db", 10 << 20, 2 << 20);
        file(other, 2, "/var/lib/postgresql/16/main/base/16384/2619", 0, 700 << 20);
        exits.add(new ProcessesMXBean.ExitRow(
                new Date(1_767_000_000_000L), 5000, "sh", "0123456789ab", 0, 12_000_000, 3, "", 2_000_000, 4 << 20));
        exits.add(new ProcessesMXBean.ExitRow(
                new Date(1_767_000_001_000L),
                5001,
                "worker",
                "",
                1000,
                90_000_000_000L,
                0,
                "SIGKILL",
                5_000_000_000L,
                1L << 30));
        var eventCounters = new EventCounters(events.memory(), events.layout());
        registration = new Registration(List.of(
                new MBeans.Bean("Agent", AgentMXBean.class, new AgentMonitor(status)),
                new MBeans.Bean(
                        "Syscalls",
                        SyscallsMXBean.class,
                        new SyscallsMonitor(syscallCounters, processes, SyscallNames.of("amd64"), () -> identity)),
                new MBeans.Bean(
                        "Files",
                        FilesMXBean.class,
                        new FilesMonitor(
                                new Fixed<>(new FileCounters(
                                        new FileTable(files.memory(), files.layout(), names, process -> true),
                                        eventCounters)),
                                processes,
                                names)),
                new MBeans.Bean(
                        "Processes",
                        ProcessesMXBean.class,
                        new ProcessesMonitor(new Fixed<>(eventCounters), exits, true))));
        registration.register(server);
    }

    private long process(int pid, int generation, String name) {
        processes.learn(pid, generation, 0, name, 1000, 0);
        return Processes.key(pid, generation);
    }

    private void call(long process, int id, int times, long nanos) {
        int row = syscalls.claim();
        long key = (long) Processes.pid(process) << 42 | (long) id << 32 | process & 0xFFFF_FFFFL;
        syscalls.set(row, "count", times).set(row, "total_time", times * nanos).set(row, "max_time", nanos * 2);
        syscalls.addToBucket(row, Histogram.bucket(nanos), times);
        syscalls.set(row, "key", key);
    }

    private void file(long process, long inode, String path, long read, long written) {
        int row = files.claim();
        names.learn(DISK, inode, 0, path);
        files.set(row, "inode", inode).set(row, "device", DISK).set(row, "opens", 3);
        files.set(row, "reads", read >> 12).set(row, "bytes_read", read).set(row, "read_time", read / 2);
        files.set(row, "writes", written >> 13)
                .set(row, "bytes_written", written)
                .set(row, "write_time", written * 3);
        files.set(row, "process", process);
    }

    private static ObjectName name(String type) throws Exception {
        return new ObjectName("kernel:type=" + type);
    }

    private Object attribute(String type, String attribute) throws Exception {
        return server.getAttribute(name(type), attribute);
    }

    private String show(String type) throws Exception {
        return (String) server.invoke(name(type), "show", null, null);
    }

    @Test
    void everyCounterHasARate() {
        // how many there are now, and what could not be counted
        var noRate = Set.of("Running", "KernelAllocationsForgotten", "ConnectionsForgotten", "RequestsWithoutTime");
        var without = MXBeans.ALL.stream()
                .flatMap(mbean -> {
                    var getters = Stream.of(mbean.getMethods())
                            .collect(Collectors.toMap(Method::getName, Method::getReturnType));
                    return getters.keySet().stream()
                            .filter(name -> getters.get(name) == long.class && !noRate.contains(name.substring(3)))
                            .filter(name -> getters.get(name + "PerSecond") != double.class)
                            .map(name -> mbean.getSimpleName() + "." + name);
                })
                .toList();
        assertEquals(List.of(), without);
    }

    @Test
    void aClientWithoutOurClassesReadsTables() throws Exception {
        assertEquals(1350L, attribute("Syscalls", "Calls"));
        var top = (TabularData) attribute("Syscalls", "TopSyscalls");
        var futex = (CompositeData) top.get(new Object[] {"futex"}).get("value");
        assertEquals(50L, futex.get("calls"));
        assertEquals(5_000_000_000L, futex.get("totalTime"));
        var topProcesses = (CompositeData[]) attribute("Syscalls", "TopProcesses");
        assertEquals("java", topProcesses[0].get("name"));
        var own = (TabularData) attribute("Syscalls", "SyscallsOfThisJvm");
        assertEquals(2, own.size());
        var topFiles = (CompositeData[]) attribute("Files", "TopFiles");
        assertEquals("/var/lib/postgresql/16/main/base/16384/2619", topFiles[0].get("path"));
        var recent = (CompositeData[]) attribute("Processes", "RecentExits");
        assertEquals("SIGKILL", recent[0].get("signal"), "the last comes first");
    }

    @Test
    void allAttributesCanBeReadAndAllAreDescribed() throws Exception {
        for (String type : List.of("Agent", "Syscalls", "Files", "Processes")) {
            var info = server.getMBeanInfo(name(type));
            assertTrue(
                    info.getDescription().endsWith(".") && info.getDescription().length() > 20, info.toString());
            for (MBeanAttributeInfo attribute : info.getAttributes()) {
                assertNotNull(attribute(type, attribute.getName()), type + "." + attribute.getName());
                boolean described = attribute.getDescription().contains(" ");
                assertTrue(described || attribute.getName().equals("TableSize"), attribute.toString());
            }
            for (var operation : info.getOperations()) {
                assertTrue(operation.getDescription().contains(" "), operation.toString());
                for (var parameter : operation.getSignature()) {
                    assertEquals("subject", parameter.getName());
                }
            }
        }
        var top = Arrays.stream(server.getMBeanInfo(name("Syscalls")).getAttributes())
                .filter(attribute -> attribute.getName().equals("TopProcesses"))
                .findFirst()
                .orElseThrow();
        assertTrue(top.getDescription().contains("totalTime: time that all these calls took"), top.getDescription());
    }

    @Test
    void tellsHowManyProbesThereAreWithoutMeasuringThem() throws Exception {
        assertEquals(2, attribute("Agent", "ProbesAttached"));
        assertEquals(1, attribute("Agent", "ProbesFailed"));
        var failed = ((TabularData) attribute("Agent", "ProbeStates")).get(new Object[] {"signal_generate"});
        assertEquals("FAILED", failed.get("value"));
        assertEquals(List.of(), status.asked);
    }

    @Test
    void clientsOfferNotificationsOfTheAgentOnly() throws Exception {
        for (String type : List.of("Agent", "Syscalls", "Files", "Processes")) {
            boolean tells = server.isInstanceOf(name(type), NotificationBroadcaster.class.getName());
            assertEquals(type.equals("Agent"), tells, type);
            assertEquals(tells ? 4 : 0, server.getMBeanInfo(name(type)).getNotifications().length, type);
        }
    }

    @Test
    void theAttributesOfOneRequestComeFromOneLook() throws Exception {
        int before = syscallCounters.demands();
        String[] all = {"Calls", "Errors", "TotalTime", "CallsPerSecond", "TopSyscalls", "TopProcesses"};
        assertEquals(all.length, server.getAttributes(name("Syscalls"), all).size());
        assertEquals(before + 1, syscallCounters.demands());
    }

    @Test
    void tableSizeCanBeChangedWithinBounds() throws Exception {
        server.setAttribute(name("Syscalls"), new Attribute("TableSize", 1));
        assertEquals(1, ((CompositeData[]) attribute("Syscalls", "TopProcesses")).length);
        assertEquals(1, ((TabularData) attribute("Syscalls", "TopSyscalls")).size());
        assertThrows(
                RuntimeMBeanException.class,
                () -> server.setAttribute(name("Syscalls"), new Attribute("TableSize", 0)));
    }

    @Test
    void startedMinusExitedIsTheChangeOfRunning() throws Exception {
        long running = (long) attribute("Processes", "Running");
        events.add(0, "forks", 7).add(1, "forks", 3).add(1, "exits", 4).add(0, "execs", 2);
        assertEquals(10L, attribute("Processes", "Started"));
        assertEquals(4L, attribute("Processes", "Exited"));
        assertEquals(2L, attribute("Processes", "Executed"));
        assertEquals(running + 6, attribute("Processes", "Running"));
    }

    @Test
    void aTableThatGoesWhileItIsReadShowsNothing() {
        var arena = Arena.ofShared();
        var table =
                new SyscallTable(arena.allocate(syscalls.memory().byteSize(), 64), syscalls.layout(), process -> true);
        var fileTable =
                new FileTable(arena.allocate(files.memory().byteSize(), 64), files.layout(), names, process -> true);
        var eventCounters = new EventCounters(events.memory(), events.layout());
        arena.close();
        var calls = new SyscallsMonitor(new Fixed<>(table), processes, SyscallNames.of("amd64"), () -> identity);
        assertEquals(0, calls.getCalls());
        assertEquals(List.of(), calls.getTopProcesses());
        var opens = new FilesMonitor(new Fixed<>(new FileCounters(fileTable, eventCounters)), processes, names);
        assertEquals(0, opens.getOpens());
    }

    @Test
    void countersThatCannotRunShowNothingAndSayNotCounting() throws Exception {
        var none = new SyscallsMonitor(new Fixed<>(null), processes, SyscallNames.of("amd64"), () -> identity);
        assertEquals(0, none.getCalls());
        assertNull(none.getCountingSince());
        assertTrue(none.show().contains("(not counting)"), none.show());
    }

    @Test
    void theAgentMBeanTellsAndDoes() throws Exception {
        assertEquals(150L, attribute("Agent", "EventsProduced"));
        assertEquals(3L, attribute("Agent", "EventsLost"));
        assertEquals("DEGRADED", attribute("Agent", "State"));
        var probes = (TabularData) attribute("Agent", "Probes");
        var failed =
                (CompositeData) probes.get(new Object[] {"signal_generate"}).get("value");
        assertEquals("no such tracepoint", failed.get("message"));
        String[] oneString = {String.class.getName()};
        server.invoke(name("Agent"), "disable", new Object[] {"files"}, oneString);
        server.invoke(name("Agent"), "enable", new Object[] {"files"}, oneString);
        server.invoke(name("Agent"), "reset", null, null);
        server.invoke(name("Agent"), "stop", null, null);
        assertEquals(List.of("measure", "disable files", "enable files", "reset", "stop"), status.asked);
        var wrong = assertThrows(
                RuntimeMBeanException.class,
                () -> server.invoke(name("Agent"), "enable", new Object[] {"flies"}, oneString));
        assertTrue(wrong.getCause().getMessage().contains("syscalls, files, processes"), wrong.toString());
    }

    @Test
    void listenersAreToldOnAnotherThread() throws Exception {
        var received = new ArrayBlockingQueue<Notification>(10);
        var threads = new ArrayBlockingQueue<String>(10);
        server.addNotificationListener(
                name("Agent"),
                (notification, handback) -> {
                    threads.add(Thread.currentThread().getName());
                    received.add(notification);
                },
                null,
                null);
        registration
                .notifications()
                .tell(Notifications.Kind.SIGNAL, Instant.ofEpochMilli(4711), "SIGTERM from systemd (pid 1)");
        Notification notification = received.poll(10, TimeUnit.SECONDS);
        assertEquals("kernel.signal", notification.getType());
        assertEquals("SIGTERM from systemd (pid 1)", notification.getMessage());
        assertEquals(4711, notification.getTimeStamp());
        assertEquals(name("Agent"), notification.getSource());
        assertEquals("kfr-notify", threads.poll());
        var told = server.getMBeanInfo(name("Agent")).getNotifications();
        assertEquals(
                Arrays.stream(Notifications.Kind.values())
                        .map(kind -> kind.type() + ": " + kind.description())
                        .toList(),
                Arrays.stream(told)
                        .map(info -> String.join(",", info.getNotifTypes()) + ": " + info.getDescription())
                        .toList());
    }

    @Test
    void closingRemovesAll() throws Exception {
        registration.close();
        assertTrue(server.queryNames(new ObjectName("kernel:*"), null).isEmpty());
        registration.close();
    }

    @Test
    void aServiceThatHasAnMBeanOfThatNameKeepsIt() throws Exception {
        var other = MBeanServerFactory.newMBeanServer();
        registration.close();
        var first = new Registration(List.of(new MBeans.Bean("Agent", AgentMXBean.class, new AgentMonitor(status))));
        first.register(other);
        var second = new Registration(List.of(new MBeans.Bean("Agent", AgentMXBean.class, new AgentMonitor(status))));
        second.register(other);
        second.close();
        assertTrue(other.isRegistered(name("Agent")));
    }

    @Test
    void anUnknownAttributeIsTheUsualError() {
        assertThrows(AttributeNotFoundException.class, () -> attribute("Syscalls", "Nothing"));
    }

    @Test
    void textTablesAreTidy() throws Exception {
        for (String type : List.of("Agent", "Syscalls", "Files", "Processes")) {
            String text = show(type);
            assertTrue(text.lines().noneMatch(line -> line.endsWith(" ")), text);
            assertTrue(text.endsWith("\n"), text);
            if (Boolean.getBoolean("show")) {
                System.out.println(text);
            }
        }
    }
}
