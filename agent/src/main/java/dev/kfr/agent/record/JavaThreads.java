// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which {@link Thread} of this JVM is the thread that the kernel calls 4711: exact, without stopping the VM, and without an access that
 * could crash it.
 *
 * <p><b>How.</b> {@code Thread.eetop} holds the address of HotSpot's own thread structure, from there {@code Thread::_osthread} leads to
 * {@code OSThread::_thread_id}; the offsets are HotSpot's ({@link VmStructs}) and the memory is read through the kernel ({@link OwnMemory}). {@code
 * eetop} is cleared before the structure is freed, so a value that is the same after the reads proves them. Threads are listed with
 * {@link ThreadGroup#enumerate(Thread[], boolean)}, which copies HotSpot's own list without a safepoint (measured on JDK 25; it is {@code
 * Thread.getAllStackTraces} that needs one). Only threads not seen before are examined.
 *
 * <p><b>What it finds.</b> Platform threads, also those created later and those attached through JNI, and the carrier of a virtual thread.
 * The VM's own threads (garbage collector, compilers) have no {@code Thread} that Java code can get at.
 *
 * <p><b>Reuse.</b> A thread is known by its id <em>and</em> its start time as the kernel has it, so a record of a thread that ended already still
 * finds it, and a later thread with the same id is another one; {@link Generation} says what the bound of that is. A thread that began and
 * ended before the first record of it was looked up cannot be found: no {@code Thread} leads to it any more. Ended threads are held weakly:
 * nothing of the application is kept alive.
 *
 * <p><b>Cost.</b> A known thread: a hash look-up without allocation. An unknown one: a refresh, which may take {@value #REFRESH_PERCENT} % of a
 * CPU at most in the long run; beyond that the answer is null for now. Threads that are not Java's are remembered for 50 ms at first,
 * at most for 13 s, since any native thread may attach to the VM later.
 *
 * <p>At {@link #open()} it proves itself: the calling thread must be found under the id that the kernel gives it. If that doesn't hold (no
 * HotSpot, a VM that doesn't describe itself, {@code java.lang} not open to us, no readable memory) {@link #supported()} is false,
 * {@link #reason()} says why, and every look-up answers null: events then have the kernel's {@code threadName} and no {@code javaThread}. There is no
 * slower way that is exact and does not stop the VM.
 *
 * <p>Not thread-safe: it belongs to the thread that reads records.
 */
public final class JavaThreads implements AutoCloseable {
    private static final int REFRESH_PERCENT = 2;
    private static final long REFRESH_BURST_NANOS = 20_000_000;
    private static final long LISTED_NANOS = 500; // what a thread that is known costs in a refresh
    private static final long EXAMINED_NANOS = 50_000; // and one that is not, by code that is not compiled yet
    private static final long FIRST_FORGET_NANOS = 50_000_000;
    private static final long LONGEST_FORGET_NANOS = 13_000_000_000L;
    private static final int LARGEST_TABLE = 1 << 16;

    private static final String OS_THREAD = "Thread::_osthread";
    private static final String THREAD_ID = "OSThread::_thread_id";

    /** What is known of one thread. Those of one slot of the table are linked, latest first. */
    private static final class Entry {
        final int tid;
        final WeakReference<Thread> thread; // null: not a Java thread
        final long startTicks; // -1: it had ended when its start was asked for
        int generation; // valid if bound
        boolean bound;
        long examineAgain; // of one that is not a Java thread: System.nanoTime
        long forget = FIRST_FORGET_NANOS;
        Entry older;

        Entry(int tid, Thread thread, long startTicks) {
            this.tid = tid;
            this.thread = thread == null ? null : new WeakReference<>(thread);
            this.startTicks = startTicks;
        }

        boolean is(int wanted) {
            if (wanted == 0) {
                return true;
            }
            if (!bound && thread != null && (startTicks < 0 || Generation.matches(wanted, startTicks))) {
                generation = wanted;
                bound = true;
            }
            return bound && generation == wanted;
        }

        Thread get() {
            return thread == null ? null : thread.get();
        }
    }

    private final String reason;
    private final OwnMemory memory;
    private final VarHandle eetop;
    private final long osThreadOffset;
    private final long threadIdOffset;
    private final ThreadGroup root;

    private final Map<Long, Entry> byThreadId = new HashMap<>();
    private Thread[] list = new Thread[64];
    private Entry[] table = new Entry[256];
    private int used;
    private int room = table.length / 2;
    private long budget = REFRESH_BURST_NANOS;
    private long budgetTime = System.nanoTime();
    private long work; // ns that all refreshes should have taken at most
    private long refreshes;

    private JavaThreads(OwnMemory memory, VarHandle eetop, Map<String, Integer> offsets) {
        this.reason = "";
        this.memory = memory;
        this.eetop = eetop;
        this.osThreadOffset = offsets.get(OS_THREAD);
        this.threadIdOffset = offsets.get(THREAD_ID);
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        this.root = group;
    }

    private JavaThreads(String reason) {
        this.reason = reason;
        this.memory = null;
        this.eetop = null;
        this.osThreadOffset = 0;
        this.threadIdOffset = 0;
        this.root = null;
    }

    /** Opens and proves it; never throws. */
    public static JavaThreads open() {
        OwnMemory memory = null;
        try {
            var lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            var eetop = lookup.findVarHandle(Thread.class, "eetop", long.class);
            memory = OwnMemory.open();
            var offsets = new VmStructs(memory).offsets(Set.of(OS_THREAD, THREAD_ID));
            var threads = new JavaThreads(memory, eetop, offsets);
            int kernels = ownThreadId();
            int found = threads.threadId(carrier());
            if (found != kernels) {
                throw new IOException("the kernel calls this thread " + kernels + " and the JVM " + found);
            }
            return threads;
        } catch (Exception | LinkageError e) {
            if (memory != null) {
                memory.close();
            }
            String message = e.getMessage() == null ? "" : ": " + e.getMessage();
            return new JavaThreads(
                    "Java threads cannot be told: " + e.getClass().getSimpleName() + message);
        }
    }

    private static Thread carrier() throws IOException {
        Thread thread = Thread.currentThread();
        if (thread.isVirtual()) {
            throw new IOException("a virtual thread has no id in the kernel");
        }
        return thread;
    }

    private static int ownThreadId() throws IOException {
        return Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString());
    }

    /** Whether threads can be told. */
    public boolean supported() {
        return memory != null;
    }

    /** Why threads cannot be told; empty if they can. */
    public String reason() {
        return reason;
    }

    /**
     * The Java thread that made a record of this process.
     *
     * @param tid the thread as gettid(2) would say inside this process: of its own pid namespace
     * @param generation {@code thread_generation} of the record; 0 if not known, then the latest thread of that id is returned
     * @return null if it is not a Java thread, or cannot be found now
     */
    public Thread find(int tid, int generation) {
        Entry entry = table[slot(tid)];
        while (entry != null && !(entry.tid == tid && entry.is(generation))) {
            entry = entry.older;
        }
        if (entry != null && entry.thread != null) {
            Thread thread = entry.thread.get();
            if (generation != 0 || (thread != null && thread.isAlive())) {
                return thread;
            }
        }
        return findUnknown(entry, tid, generation);
    }

    private Thread findUnknown(Entry known, int tid, int generation) {
        long now = System.nanoTime();
        if (memory == null || (known != null && known.thread == null && now - known.examineAgain < 0)) {
            return null;
        }
        if (!affordable(now)) {
            return known == null ? null : known.get();
        }
        long workBefore = work;
        refresh();
        long end = System.nanoTime();
        // A reader that lost its CPU has waited, not worked: by the clock alone, one refresh on a busy host can use up
        // the budget of minutes.
        budget -= Math.min(end - now, work - workBefore);
        Entry entry = table[slot(tid)];
        while (entry != null && !(entry.tid == tid && entry.thread != null && entry.is(generation))) {
            entry = entry.older;
        }
        if (entry != null) {
            return entry.get();
        }
        rememberForeign(known, tid, generation, end);
        return null;
    }

    private void rememberForeign(Entry known, int tid, int generation, long now) {
        Entry foreign = known;
        if (foreign == null) {
            foreign = new Entry(tid, null, -1);
            foreign.generation = generation;
            foreign.bound = true;
            insert(foreign);
        } else {
            foreign.forget = Math.min(foreign.forget * 4, LONGEST_FORGET_NANOS);
        }
        foreign.examineAgain = now + foreign.forget;
    }

    private boolean affordable(long now) {
        budget = Math.min(REFRESH_BURST_NANOS, budget + (now - budgetTime) * REFRESH_PERCENT / 100);
        budgetTime = now;
        return budget > 0;
    }

    /** Looks at all threads that were not known yet. Done by look-ups as needed; at start it saves the first of them the time. */
    public void refresh() {
        if (memory == null) {
            return;
        }
        refreshes++;
        int count = root.enumerate(list, true);
        while (count == list.length) {
            list = new Thread[count * 2];
            count = root.enumerate(list, true);
        }
        work += count * LISTED_NANOS;
        for (int i = 0; i < count; i++) {
            Thread thread = list[i];
            list[i] = null;
            if (!byThreadId.containsKey(thread.threadId())) {
                examine(thread);
            }
        }
    }

    private void examine(Thread thread) {
        work += EXAMINED_NANOS;
        int tid;
        try {
            tid = threadId(thread);
        } catch (IOException ended) {
            return;
        }
        if (tid <= 0) {
            return; // it has not run yet
        }
        var entry = new Entry(tid, thread, Generation.startTicks("/proc/self/task/" + tid + "/stat"));
        byThreadId.put(thread.threadId(), entry);
        insert(entry);
    }

    /** 0 if the thread doesn't run, or not yet. */
    private int threadId(Thread thread) throws IOException {
        long address = (long) eetop.getVolatile(thread);
        if (address == 0) {
            return 0;
        }
        long osThread = memory.readLong(address + osThreadOffset);
        int tid = osThread == 0 ? 0 : memory.readInt(osThread + threadIdOffset);
        return (long) eetop.getVolatile(thread) == address ? tid : 0;
    }

    private int slot(int tid) {
        return tid & (table.length - 1);
    }

    private void insert(Entry entry) {
        if (used >= room) {
            rebuild();
        }
        int slot = slot(entry.tid);
        entry.older = table[slot];
        table[slot] = entry;
        used++;
    }

    /** Forgets ended threads whose object is gone and what was no Java thread, oldest of one id first, and makes room. */
    private void rebuild() {
        var kept = new ArrayList<Entry>();
        int ended = 0;
        for (Entry first : table) {
            for (Entry entry = first; entry != null; entry = entry.older) {
                Thread thread = entry.get();
                if (thread != null && (thread.isAlive() || ended++ < LARGEST_TABLE / 4)) {
                    kept.add(entry);
                }
            }
        }
        int size = table.length;
        while (size < kept.size() * 4 && size < LARGEST_TABLE) {
            size *= 2;
        }
        table = new Entry[size];
        used = 0;
        room = Math.max(size / 2, kept.size() * 2);
        byThreadId.clear();
        for (Entry entry : kept.reversed()) {
            int slot = slot(entry.tid);
            entry.older = table[slot];
            table[slot] = entry;
            used++;
            Thread thread = entry.get();
            if (thread != null) {
                byThreadId.put(thread.threadId(), entry);
            }
        }
    }

    /** How often the threads were listed. */
    long refreshes() {
        return refreshes;
    }

    int tableSize() {
        return table.length;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }
}
