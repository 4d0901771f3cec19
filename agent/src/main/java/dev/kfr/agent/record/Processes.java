// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import dev.kfr.events.Scope;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/**
 * Name, user and container of processes, by pid and generation: from records that told of them, else from {@code /proc}. Bounded; what was not
 * asked for longest is forgotten first. Thread-safe.
 *
 * <p>Pids that the kernel side reports are those of the initial pid namespace. Users see pids as the agent sees them where they exist, else the
 * host's, and {@link Info#pidNamespace} says which.
 */
public final class Processes {
    private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * A process.
     *
     * @param pid as the agent sees it, or the host's
     * @param pidNamespace "" if {@code pid} is as the agent sees it, {@code host} if only the host knows it
     * @param name as the kernel has it: of the thread group's leader, at most 15 bytes; "" if not known
     * @param uid real user id; -1 if not known
     * @param container short name of container or cgroup, "" on the host or if not known
     */
    public record Info(long pid, String pidNamespace, String name, long uid, String container) {}

    private static final class Entry {
        final Info info;
        final boolean inContainer; // the agent's own
        final int visiblePid; // in /proc; 0: not there
        final long since = System.nanoTime();

        Entry(Info info, boolean inContainer, int visiblePid) {
            this.info = info;
            this.inContainer = inContainer;
            this.visiblePid = visiblePid;
        }
    }

    private final AgentIdentity identity;
    private final Containers containers;
    private final String proc;
    private final Map<Long, Entry> entries;
    private volatile Runnable recordsOnTheirWay = () -> {};

    /** @param capacity how many processes are remembered */
    public Processes(int capacity, AgentIdentity identity, Containers containers) {
        this(capacity, identity, containers, "/proc/");
    }

    Processes(int capacity, AgentIdentity identity, Containers containers, String proc) {
        this.identity = identity;
        this.containers = containers;
        this.proc = proc;
        this.entries = new RecentlyUsed<>(capacity);
    }

    /** Pid (of the initial namespace) and generation in one number, as {@code file_row.process} has it. */
    public static long key(int pid, int generation) {
        return (long) pid << 32 | Integer.toUnsignedLong(generation);
    }

    public static int pid(long key) {
        return (int) (key >>> 32);
    }

    public static int generation(long key) {
        return (int) key;
    }

    /**
     * Takes in what a record says of its process; for exec, exit and fork records, since others say nothing new.
     *
     * @param nsPid as the agent's pid namespace sees it, 0 if it doesn't (or the agent is in the initial one)
     */
    public void learn(int pid, int generation, int nsPid, String name, long uid, long cgroup) {
        boolean visible = identity.inInitialPidNamespace() || nsPid != 0;
        int visiblePid = nsPid != 0 ? nsPid : visible ? pid : 0;
        var place = containers.place(cgroup);
        var info = new Info(visible ? visiblePid : pid, visible ? "" : "host", name, uid, place.name());
        synchronized (this) {
            entries.put(key(pid, generation), new Entry(info, place.own(), visiblePid));
        }
    }

    /** Takes in how the agent's pid namespace numbers a process; only where that is not the initial one. */
    public void seen(long key, int nsPid) {
        synchronized (this) {
            if (entries.containsKey(key)) {
                return;
            }
        }
        Entry read = read(nsPid, generation(key));
        if (read != null) {
            synchronized (this) {
                entries.putIfAbsent(key, read);
            }
        }
    }

    /** Whether a process can be seen from the agent's pid namespace, as far as that is known. */
    public boolean visible(long key) {
        Entry entry = identity.inInitialPidNamespace() ? null : entry(pid(key), generation(key));
        return identity.inInitialPidNamespace()
                || entry != null && entry.info.pidNamespace().isEmpty();
    }

    /** A process by {@link #key}; one that ended and of which no record told has an empty name. Never null. */
    public Info of(long key) {
        return of(pid(key), generation(key));
    }

    public Info of(int pid, int generation) {
        Entry entry = entry(pid, generation);
        if (entry == null) {
            readOn(); // it may have ended just now, and the record of its end knows its name
            entry = remembered(pid, generation);
        }
        return entry == null ? unknown(pid) : entry.info;
    }

    /** @param read has the records read that are on their way; called with no lock of this class, on any thread that asks for a process */
    public void recordsOnTheirWay(Runnable read) {
        recordsOnTheirWay = read;
    }

    /** A process of which a record told, or that was asked for before; null if neither. Reads nothing. */
    Info known(long key) {
        Entry entry = remembered(pid(key), generation(key));
        return entry == null ? null : entry.info;
    }

    /** Has the records read that are on their way, for an answer that may be among them. */
    public void readOn() {
        recordsOnTheirWay.run();
    }

    private synchronized Entry remembered(int pid, int generation) {
        return entries.get(key(pid, generation));
    }

    /** Null if nothing is known of the process. */
    private Entry entry(int pid, int generation) {
        Entry entry = remembered(pid, generation);
        if (entry != null && (System.nanoTime() - entry.since < STALE_NANOS || entry.visiblePid == 0)) {
            return entry;
        }
        int visiblePid = entry != null ? entry.visiblePid : visiblePid(pid);
        Entry read = visiblePid == 0 ? null : read(visiblePid, generation);
        if (read == null) {
            return entry;
        }
        synchronized (this) {
            entries.put(key(pid, generation), read);
        }
        return read;
    }

    /** See {@link #alive(int, int)}. */
    public boolean alive(long key) {
        return alive(pid(key), generation(key));
    }

    /**
     * Which processes belong to a scope; what is no process (a row for whatever found none) always does.
     */
    public LongPredicate in(Scope scope) {
        return switch (scope) {
            case HOST -> process -> true;
            case CONTAINER -> process -> pid(process) <= 0 || inContainer(pid(process), generation(process));
            case JVM -> process -> pid(process) <= 0 || identity.is(pid(process), generation(process));
        };
    }

    private boolean inContainer(int pid, int generation) {
        Entry entry = entry(pid, generation);
        return entry != null && entry.inContainer;
    }

    /** Whether a process runs, as far as can be seen from here: of one that isn't in our {@code /proc} it is assumed. */
    public boolean alive(int pid, int generation) {
        Entry entry = remembered(pid, generation);
        int visiblePid = entry != null ? entry.visiblePid : visiblePid(pid);
        if (visiblePid == 0) {
            return true;
        }
        long ticks = Generation.startTicks(proc + visiblePid + "/stat");
        return ticks >= 0 && Generation.matches(generation, ticks);
    }

    private int visiblePid(int pid) {
        if (identity.inInitialPidNamespace()) {
            return pid;
        }
        return pid == identity.hostPid() ? identity.pid() : 0;
    }

    private Info unknown(int pid) {
        return new Info(pid, identity.inInitialPidNamespace() ? "" : "host", "", -1, "");
    }

    private Entry read(int visiblePid, int generation) {
        byte[] stat = bytes(proc + visiblePid + "/stat");
        long ticks = stat == null ? -1 : Generation.startTicks(stat, stat.length);
        if (ticks < 0 || !Generation.matches(generation, ticks)) {
            return null;
        }
        byte[] status = bytes(proc + visiblePid + "/status");
        long uid = status == null ? -1 : uid(new String(status, StandardCharsets.ISO_8859_1));
        var place = containers.ofProcess(visiblePid);
        return new Entry(new Info(visiblePid, "", name(stat), uid, place.name()), place.own(), visiblePid);
    }

    private static String name(byte[] stat) {
        int start = 0;
        while (start < stat.length && stat[start] != '(') {
            start++;
        }
        int end = stat.length - 1;
        while (end > start && stat[end] != ')') {
            end--;
        }
        return end > start ? new String(stat, start + 1, end - start - 1, StandardCharsets.UTF_8) : "";
    }

    private static long uid(String status) {
        int line = status.indexOf("\nUid:\t");
        if (line < 0) {
            return -1;
        }
        int start = line + "\nUid:\t".length();
        int end = start;
        while (end < status.length() && Character.isDigit(status.charAt(end))) {
            end++;
        }
        return end == start ? -1 : Long.parseLong(status, start, end, 10);
    }

    private static byte[] bytes(String file) {
        try (var in = new FileInputStream(file)) {
            var buffer = new byte[4096];
            int length = in.read(buffer);
            return length <= 0 ? null : Arrays.copyOf(buffer, length);
        } catch (IOException ended) {
            return null;
        }
    }
}
