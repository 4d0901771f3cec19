// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import static org.junit.jupiter.api.Assertions.fail;

import com.sun.tools.attach.VirtualMachine;
import dev.kfr.agent.IdleService;
import dev.kfr.agent.Jvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import jdk.jfr.consumer.RecordingFile;
import jdk.management.jfr.FlightRecorderMXBean;

/** A service with the agent, whose recordings and MBeans a test controls from outside, as an operator does. */
public final class Host implements AutoCloseable {
    /** Every type that the agent has: a recording leaves out what a test does not ask for. */
    private static final List<String> TYPES = List.of(
            "SyscallStatistics",
            "Syscall",
            "SyscallError",
            "FileOpen",
            "FileRead",
            "FileWrite",
            "FileSync",
            "FileDelete",
            "FileRename",
            "FileStatistics",
            "ProcessStart",
            "ProcessExit",
            "Signal",
            "BlockIo",
            "BlockIoStatistics",
            "SocketCreate",
            "TcpConnection",
            "TcpConnect",
            "TcpRetransmit",
            "NetworkStatistics",
            "KernelMemory",
            "PageFaults",
            "MajorPageFault",
            "DirectReclaim",
            "OutOfMemoryKill",
            "ProbeStatistics");

    private static final List<String> PERIODIC = List.of(
            "SyscallStatistics",
            "FileStatistics",
            "ProcessCpu",
            "CpuUsage",
            "BlockIoStatistics",
            "NetworkStatistics",
            "KernelMemory",
            "PageFaults",
            "EventLoss");

    private final Jvm jvm;
    private final JMXConnector connector;
    private final MBeanServerConnection server;
    private final FlightRecorderMXBean recorder;

    private Host(Jvm jvm, JMXConnector connector) throws Exception {
        this.jvm = jvm;
        this.connector = connector;
        server = connector.getMBeanServerConnection();
        recorder = JMX.newMXBeanProxy(
                server, new ObjectName(FlightRecorderMXBean.MXBEAN_NAME), FlightRecorderMXBean.class);
    }

    /** A service that does nothing, with these options of the agent. */
    static Host start(String options) throws Exception {
        return start(options, IdleService.class);
    }

    /** A service that says {@code ready} when it is. */
    static Host start(String options, Class<?> service) throws Exception {
        return start(List.of(), options, service);
    }

    /** A service that does nothing, in a JVM with these options besides. */
    public static Host startWith(List<String> options) throws Exception {
        return start(List.of(), "", IdleService.class, options);
    }

    /** A service that does nothing, started by a command that becomes the JVM. */
    static Host startBy(List<String> command, String options) throws Exception {
        return start(command, options, IdleService.class);
    }

    private static Host start(List<String> command, String options, Class<?> service) throws Exception {
        return start(command, options, service, List.of());
    }

    @SuppressWarnings("BanJNDI") // the address is that of the test's own JVM
    private static Host start(List<String> command, String options, Class<?> service, List<String> more)
            throws Exception {
        var all = new ArrayList<>(command);
        all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        all.add("-XX:+UseSerialGC");
        all.add(Jvm.agent(options.isEmpty() ? "start=sync" : "start=sync," + options));
        all.addAll(more);
        all.addAll(List.of("-cp", Jvm.testClasses(), service.getName()));
        var jvm = Jvm.startCommand(all.toArray(String[]::new));
        try {
            jvm.awaitStdout("ready");
            jvm.awaitStderr("[kfr] INFO probes attached");
            var machine = VirtualMachine.attach(Long.toString(jvm.pid()));
            String address = machine.startLocalManagementAgent();
            machine.detach();
            var host = new Host(jvm, JMXConnectorFactory.connect(new JMXServiceURL(address)));
            host.awaitMBeans();
            return host;
        } catch (Exception | Error e) {
            jvm.close();
            throw e;
        }
    }

    private void awaitMBeans() throws Exception {
        var agent = name("Agent");
        await("no MBean " + agent, () -> registered(agent));
    }

    private boolean registered(ObjectName name) {
        try {
            return server.isRegistered(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Jvm jvm() {
        return jvm;
    }

    private static ObjectName name(String type) throws Exception {
        return new ObjectName("kernel:type=" + type);
    }

    /** An attribute of {@code kernel:type=...}. */
    public Object attribute(String type, String attribute) throws Exception {
        return server.getAttribute(name(type), attribute);
    }

    public long number(String type, String attribute) throws Exception {
        return ((Number) attribute(type, attribute)).longValue();
    }

    void set(String type, String attribute, Object value) throws Exception {
        server.setAttribute(name(type), new javax.management.Attribute(attribute, value));
    }

    /** The subjects that have an MBean. */
    public Set<String> mbeans() throws Exception {
        return server.queryNames(name("*"), null).stream()
                .map(bean -> bean.getKeyProperty("type"))
                .collect(Collectors.toSet());
    }

    /** Names of the attributes of {@code kernel:type=...}. */
    public Set<String> attributes(String type) throws Exception {
        return Stream.of(server.getMBeanInfo(name(type)).getAttributes())
                .map(MBeanAttributeInfo::getName)
                .collect(Collectors.toSet());
    }

    /** A map of an MBean whose values are texts. */
    public Map<String, String> texts(String type, String attribute) throws Exception {
        var texts = new HashMap<String, String>();
        for (var value : ((TabularData) attribute(type, attribute)).values()) {
            var row = (CompositeData) value;
            texts.put((String) row.get("key"), (String) row.get("value"));
        }
        return texts;
    }

    /** The row about a process in a table of an MBean; null if there is none. */
    CompositeData row(String type, String table, long pid) throws Exception {
        for (var row : (CompositeData[]) attribute(type, table)) {
            if ((long) row.get("pid") == pid) {
                return row;
            }
        }
        return null;
    }

    /** Program runs that the kernel itself left out, since the agent started. */
    public long skipped() {
        long[] skipped = {0};
        each("Probes", (probe, row) -> skipped[0] += (long) row.get("skipped"));
        return skipped[0];
    }

    /** A number of {@code Events} of {@code kernel:type=Agent}. */
    long events(String subject, String field) {
        long[] value = {0};
        each("Events", (name, row) -> value[0] += name.equals(subject) ? (long) row.get(field) : 0);
        return value[0];
    }

    /** Reads every attribute of every MBean, which starts all counters. */
    void countEverything() throws Exception {
        for (var bean : server.queryNames(name("*"), null)) {
            for (var attribute : server.getMBeanInfo(bean).getAttributes()) {
                server.getAttribute(bean, attribute.getName());
            }
        }
    }

    /** The probes that were ever needed, by name. */
    Map<String, CompositeData> probes() {
        var probes = new HashMap<String, CompositeData>();
        each("Probes", probes::put);
        return probes;
    }

    /** Messages of the notifications of a type, as they come. */
    List<String> listen(String type) throws Exception {
        var messages = new CopyOnWriteArrayList<String>();
        server.addNotificationListener(
                name("Agent"),
                (notification, handback) -> {
                    if (notification.getType().equals(type)) {
                        messages.add(notification.getMessage());
                    }
                },
                null, // a filter would be sent to the service, which has no classes of ours
                null);
        return messages;
    }

    /** Starts an MBean's counters by reading it, and waits until they run. */
    void count(String type) throws Exception {
        await("the counters of " + type + " do not start", () -> {
            try {
                attribute(type, "TopProcesses");
                return attribute(type, "CountingSince") != null;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /**
     * Records these events and nothing else of the kernel, and returns as soon as the kernel side does so.
     *
     * @param settings {@code "FileOpen"} or with settings of the event {@code "FileOpen throttle=off threshold=0ms"}
     */
    Recording record(String... settings) throws Exception {
        var all = new HashMap<String, String>();
        TYPES.forEach(type -> all.put("kernel." + type + "#enabled", "false"));
        for (var type : PERIODIC) {
            all.put("kernel." + type + "#period", "1 h"); // one row at the end
        }
        Stream.concat(Stream.of("EventLoss"), Stream.of(settings)).forEach(each -> add(all, each.split(" ")));
        long id = recorder.newRecording();
        recorder.setRecordingSettings(id, all);
        recorder.startRecording(id);
        awaitControl();
        return new Recording(id);
    }

    private static void add(Map<String, String> settings, String[] words) {
        settings.put("kernel." + words[0] + "#enabled", "true");
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            settings.put("kernel." + words[0] + "#" + words[i].substring(0, equals), words[i].substring(equals + 1));
        }
    }

    /**
     * Returns when the agent has done all that it was told before. It does one thing after the other, so a change that is seen from outside
     * tells: the program that counts forks leaves the kernel and comes back.
     */
    private void awaitControl() throws Exception {
        attribute("Processes", "Started"); // has its counters run
        awaitForkProbe("ATTACHED");
        server.invoke(name("Agent"), "disable", new Object[] {"processes"}, new String[] {"java.lang.String"});
        awaitForkProbe("DETACHED");
        server.invoke(name("Agent"), "enable", new Object[] {"processes"}, new String[] {"java.lang.String"});
        awaitForkProbe("ATTACHED");
    }

    private void awaitForkProbe(String state) throws Exception {
        await("the probe process_fork is not " + state, () -> {
            boolean[] is = {false};
            each(
                    "Probes",
                    (name, row) -> is[0] |= row.get("probe").equals("process_fork")
                            && row.get("state").equals(state));
            return is[0];
        });
    }

    /** Waits for a condition, within the bound of everything that waits. */
    static void await(String otherwise, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Jvm.LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail(otherwise);
            }
            Thread.sleep(10);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connector.close();
        } finally {
            jvm.close();
        }
    }

    private void awaitDelivery() throws Exception {
        var produced = new HashMap<String, Long>();
        each("Events", (subject, events) -> produced.put(subject, (Long) events.get("produced")));
        await("events are not delivered", () -> {
            var missing = new HashMap<>(produced);
            each("Events", (subject, events) -> {
                long delivered =
                        (long) events.get("recorded") + (long) events.get("throttled") + (long) events.get("lost");
                if (delivered >= produced.getOrDefault(subject, 0L)) {
                    missing.remove(subject);
                }
            });
            return missing.isEmpty();
        });
    }

    /** The rows of a map of {@code kernel:type=Agent}. */
    private void each(String attribute, BiConsumer<String, CompositeData> reader) {
        try {
            for (var value : ((TabularData) attribute("Agent", attribute)).values()) {
                var row = (CompositeData) value;
                reader.accept((String) row.get("key"), (CompositeData) row.get("value"));
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A recording that runs. */
    final class Recording implements AutoCloseable {
        private final long id;
        private boolean closed;

        private Recording(long id) {
            this.id = id;
        }

        /** Ends the recording as soon as all is in it that the kernel side has produced by now, and reads it. */
        Events stop() throws Exception {
            awaitDelivery();
            var file = Files.createTempFile("truth", ".jfr");
            try {
                recorder.stopRecording(id);
                recorder.copyTo(id, file.toString());
                return Events.inOrder(RecordingFile.readAllEvents(file));
            } finally {
                Files.delete(file);
                close();
            }
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                recorder.closeRecording(id);
            }
        }
    }
}
