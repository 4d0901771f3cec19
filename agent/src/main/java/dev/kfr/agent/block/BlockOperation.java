// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

/** What a request asks of a disk; in the order of the kernel side's {@code enum block_operation}. */
enum BlockOperation {
    OTHER("other"),
    READ("read"),
    WRITE("write"),
    FLUSH("flush"),
    DISCARD("discard"),
    SECURE_ERASE("secure erase"),
    WRITE_ZEROES("write zeroes"),
    WRITE_SAME("write same"),
    ZONE_APPEND("zone append"),
    ZONE_OPEN("zone open"),
    ZONE_CLOSE("zone close"),
    ZONE_FINISH("zone finish"),
    ZONE_RESET("zone reset"),
    ZONE_RESET_ALL("zone reset all"),
    DRIVER_IN("driver in"),
    DRIVER_OUT("driver out");

    private static final BlockOperation[] ALL = values();

    private final String text;

    BlockOperation(String text) {
        this.text = text;
    }

    /** The operation of a number that the kernel side gave; {@link #OTHER} for one that has no meaning. */
    static BlockOperation of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : OTHER;
    }

    /** As recordings have it. */
    @Override
    public String toString() {
        return text;
    }
}
