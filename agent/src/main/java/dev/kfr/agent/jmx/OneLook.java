// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.util.function.Supplier;

/**
 * Lets the attributes that a client asks for in one request come from one look at the tables: they fit together, and the tables are read once. Outside
 * of such a request each attribute looks anew. Thread-safe.
 *
 * @param <T> what a look gives
 */
public final class OneLook<T> {
    private static final class Held {
        Object value;
    }

    private final ThreadLocal<Held> held = new ThreadLocal<>();
    private final Supplier<T> look;

    public OneLook(Supplier<T> look) {
        this.look = look;
    }

    @SuppressWarnings("unchecked")
    public T get() {
        Held now = held.get();
        if (now == null) {
            return look.get();
        }
        if (now.value == null) {
            now.value = look.get();
        }
        return (T) now.value;
    }

    /** Within a request what all others get; outside of one {@code less}, for an attribute that doesn't need all. */
    public T getOr(Supplier<T> less) {
        return held.get() == null ? less.get() : get();
    }

    /** Runs something in which all {@link #get} give the same. */
    public <R> R during(Supplier<R> request) {
        if (held.get() != null) {
            return request.get();
        }
        held.set(new Held());
        try {
            return request.get();
        } finally {
            held.remove();
        }
    }
}
