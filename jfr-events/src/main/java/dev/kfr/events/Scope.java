// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.Locale;

/** Whose activity is recorded, from the widest to the narrowest. The order is that of {@code enum scope} of the kernel side. */
public enum Scope {
    /** Every process of the host. */
    HOST,
    /** The processes of this JVM's control group and of those below it. */
    CONTAINER,
    /** This JVM alone. */
    JVM;

    /** As options and settings write it, such as {@code host}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The scope that covers both. */
    public Scope or(Scope other) {
        return other.ordinal() < ordinal() ? other : this;
    }
}
