// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.BpfException.Reason;
import dev.kfr.bpf.linux.BpfAttributes;
import dev.kfr.bpf.linux.BpfCommand;
import dev.kfr.bpf.linux.Cpus;
import dev.kfr.bpf.linux.Descriptor;
import dev.kfr.bpf.linux.Errno;
import dev.kfr.bpf.linux.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.TreeMap;

/**
 * A map in the kernel. Keys and values are native memory ({@code Arena.allocate}) of at least {@link #keySize} and
 * {@link #valueBytes} bytes.
 *
 * <p>Any thread may use it, the kernel orders what they do; but not while another one closes it. Every operation throws
 * {@link BpfException} if the kernel refuses it, for instance NOT_SUPPORTED for a kind of map that does not have it.
 */
public final class BpfMap implements AutoCloseable {
    // offsets in union bpf_attr
    private static final int MAP_FD = 0;
    private static final int KEY = 8;
    private static final int VALUE = 16;
    private static final int FLAGS = 24;

    // offsets in struct bpf_map_info
    private static final int INFO_TYPE = 0;
    private static final int INFO_ID = 4;
    private static final int INFO_KEY_SIZE = 8;
    private static final int INFO_VALUE_SIZE = 12;
    private static final int INFO_MAX_ENTRIES = 16;
    private static final int INFO_FLAGS = 20;
    private static final int INFO_NAME = 24;
    private static final int INFO_SIZE = 40;

    private static final int BPF_ANY = 0;
    private static final int BPF_NOEXIST = 1;

    private final Descriptor descriptor;
    private final MapSpec spec;
    private Mapping mapping;

    private BpfMap(Descriptor descriptor, MapSpec spec) {
        this.descriptor = descriptor;
        this.spec = spec;
    }

    /** Creates a map that belongs to no object; the spec's BTF ids are left out. */
    public static BpfMap create(MapSpec spec) {
        return create(spec, null);
    }

    static BpfMap create(MapSpec spec, Descriptor btf) {
        MapSpec adapted = MapCreation.forThisMachine(spec);
        return new BpfMap(MapCreation.create(adapted, btf), adapted);
    }

    /**
     * A map that somebody else created, by its descriptor, which stays the caller's: this has a duplicate. The spec is
     * what the kernel tells: no BTF ids, no inner map, and a name cut to 15 bytes.
     */
    public static BpfMap of(int descriptor) {
        Descriptor duplicate = Descriptor.duplicate(descriptor);
        try (var attributes = new BpfAttributes()) {
            return new BpfMap(duplicate, describe(attributes.info(duplicate, INFO_SIZE, "read map info")));
        } catch (RuntimeException e) {
            duplicate.close();
            throw e;
        }
    }

    private static MapSpec describe(MemorySegment info) {
        return new MapSpec(
                info.getString(INFO_NAME, StandardCharsets.US_ASCII),
                MapType.of(info.get(ValueLayout.JAVA_INT, INFO_TYPE)),
                info.get(ValueLayout.JAVA_INT, INFO_KEY_SIZE),
                info.get(ValueLayout.JAVA_INT, INFO_VALUE_SIZE),
                info.get(ValueLayout.JAVA_INT, INFO_MAX_ENTRIES),
                info.get(ValueLayout.JAVA_INT, INFO_FLAGS),
                0,
                0,
                0,
                null,
                new TreeMap<>(),
                new byte[0]);
    }

    /** Its file descriptor. */
    public int fd() {
        return descriptor.number();
    }

    /** The kernel's id of the map. */
    public int id() {
        try (var attributes = new BpfAttributes()) {
            return attributes
                    .info(descriptor, INFO_SIZE, operation("read info of"))
                    .get(ValueLayout.JAVA_INT, INFO_ID);
        }
    }

    /** As what it was created: the object's spec with sizes that the builder or the machine changed. */
    public MapSpec spec() {
        return spec;
    }

    /** Name of the map in its object. */
    public String name() {
        return spec.name();
    }

    /** Bytes of a key. */
    public int keySize() {
        return spec.keySize();
    }

    /** Bytes from one value to the next in {@link #memory()}, and from one CPU's to the next in a per-CPU map. */
    public int valueStride() {
        return spec.valueSize() + 7 & -8;
    }

    /** Bytes that a look-up transfers: the value, or in a per-CPU map one for each possible CPU, in their order. */
    public int valueBytes() {
        return spec.type().perCpu() ? valueStride() * Cpus.possible() : spec.valueSize();
    }

    /** Capacity; of a ring buffer the size in bytes. */
    public int maxEntries() {
        return spec.maxEntries();
    }

    /** Reads the value of a key. False if there is none. */
    public boolean lookup(MemorySegment key, MemorySegment value) {
        return found(entry(BpfCommand.MAP_LOOKUP_ELEM, key, value, valueBytes(), BPF_ANY), "look up in");
    }

    /** Sets the value of a key, whether there is one or not. */
    public void update(MemorySegment key, MemorySegment value) {
        check(entry(BpfCommand.MAP_UPDATE_ELEM, key, value, valueBytes(), BPF_ANY), "update");
    }

    /** Sets the value of a key that has none. False if it has one already. */
    public boolean insert(MemorySegment key, MemorySegment value) {
        long result = entry(BpfCommand.MAP_UPDATE_ELEM, key, value, valueBytes(), BPF_NOEXIST);
        if (result == -Errno.EEXIST) {
            return false;
        }
        check(result, "insert into");
        return true;
    }

    /** Removes a key. False if it was not there. */
    public boolean delete(MemorySegment key) {
        return found(entry(BpfCommand.MAP_DELETE_ELEM, key, MemorySegment.NULL, 0, BPF_ANY), "delete from");
    }

    /**
     * Finds the key after another one, in no particular order. If that one is not there (any more), the first.
     *
     * @param key {@link MemorySegment#NULL} for the first key
     * @param next receives the key
     * @return false if there is no further key
     */
    public boolean nextKey(MemorySegment key, MemorySegment next) {
        return found(entry(BpfCommand.MAP_GET_NEXT_KEY, key, next, keySize(), BPF_ANY), "iterate over");
    }

    /**
     * Hands all entries to a handler: in batches where the kernel can ({@code BPF_MAP_LOOKUP_BATCH}, Linux 5.6 for
     * hashes and arrays, 5.13 or later for other kinds), else key by key. Entries that come or go meanwhile may be
     * missed or come twice.
     */
    public void forEach(EntryHandler handler) {
        try (var scan = new MapScan(this)) {
            scan.run(handler);
        }
    }

    /** Deletes all entries of a hash. Those that come meanwhile may stay. */
    public void clear() {
        var keys = new ArrayList<MemorySegment>();
        try (var arena = Arena.ofConfined()) {
            forEach((entries, key, value) ->
                    keys.add(arena.allocate(keySize(), Long.BYTES).copyFrom(entries.asSlice(key, keySize()))));
            keys.forEach(this::delete);
        }
    }

    /**
     * The memory of an array that was created with {@link MapSpec#MAPPABLE}: its values, {@link #valueStride} bytes
     * apart, shared with the kernel. Read-only for constants. Valid until this is closed, then every access throws.
     */
    public synchronized MemorySegment memory() {
        if (mapping == null) {
            long size = (long) valueStride() * maxEntries();
            mapping = Mapping.of(operation("mmap"), fd(), 0, size, !spec.isConstant());
        }
        return mapping.memory();
    }

    /** Takes from everybody the right to change the map with system calls (Linux 5.2). */
    public void freeze() {
        try (var attributes = new BpfAttributes().setInt(MAP_FD, fd())) {
            check(attributes.call(BpfCommand.MAP_FREEZE), "freeze");
        }
    }

    private long entry(BpfCommand command, MemorySegment key, MemorySegment value, long valueSize, long flags) {
        boolean first = key.equals(MemorySegment.NULL) && command == BpfCommand.MAP_GET_NEXT_KEY;
        if (!first && key.byteSize() < keySize() || value.byteSize() < valueSize) {
            // the kernel would read or write beyond the end
            throw new IllegalArgumentException(
                    name() + " needs keys of " + keySize() + " and here " + valueSize + " bytes");
        }
        try (var attributes = new BpfAttributes()) {
            return attributes
                    .setInt(MAP_FD, fd())
                    .setPointer(KEY, key)
                    .setPointer(VALUE, value)
                    .setLong(FLAGS, flags)
                    .call(command);
        }
    }

    private boolean found(long result, String verb) {
        if (result == -Errno.ENOENT) {
            return false;
        }
        check(result, verb);
        return true;
    }

    private void check(long result, String verb) {
        if (result < 0) {
            throw Errno.failure(operation(verb), result);
        }
    }

    String operation(String verb) {
        return verb + " map " + name();
    }

    /** Fails if a program made for {@code wanted} can't work with this map. */
    void requireShape(MapSpec wanted) {
        boolean fits = spec.type() == wanted.type()
                && spec.keySize() == wanted.keySize()
                && spec.valueSize() == wanted.valueSize();
        if (!fits) {
            throw new BpfException(Reason.INVALID, operation("share"), "type or sizes differ from those of the object");
        }
    }

    /** Unmaps and closes it. The kernel keeps the map as long as a program uses it. Further calls do nothing. */
    @Override
    public synchronized void close() {
        if (mapping != null) {
            mapping.close();
        }
        descriptor.close();
    }
}
