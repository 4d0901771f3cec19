// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

/** Whose activity is recorded, from the widest to the narrowest. The order is that of {@code enum scope} of the kernel side. */
public enum Scope {
    /** Every process of the host. */
    HOST,
    /** The processes of this JVM's control group and of those below it. */
    CONTAINER,
    /** This JVM alone. */
    JVM;

    /** The scope that covers both. */
    public Scope or(Scope other) {
        return other.ordinal() < ordinal() ? other : this;
    }
}
