// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * A set of kernel errors by name ({@code ENOENT}, ...): either the named ones, or all but the named ones. Numbers differ between
 * architectures, so whoever filters by number resolves the names.
 */
public record ErrorSet(boolean allBut, Set<String> names) {
    public ErrorSet {
        names = Set.copyOf(names);
    }

    /** Whether an error belongs to the set; {@code name} in capitals. */
    public boolean contains(String name) {
        return names.contains(name) != allBut;
    }

    /** The set of what either holds. */
    public ErrorSet or(ErrorSet other) {
        Set<String> result = new HashSet<>(names);
        if (allBut && other.allBut) {
            result.retainAll(other.names);
        } else if (allBut) {
            result.removeAll(other.names);
        } else if (other.allBut) {
            return other.or(this);
        } else {
            result.addAll(other.names);
        }
        return new ErrorSet(allBut || other.allBut, result);
    }

    /**
     * Reads names separated by blanks, commas or plus signs. A name with a minus in front is left out of those before it; {@code all}
     * are all, and are meant too if the first name has a minus.
     *
     * @throws IllegalArgumentException if a word has not the form of an error's name; says which
     */
    static ErrorSet parse(String text) {
        ErrorSet result = new ErrorSet(text.strip().startsWith("-"), Set.of());
        for (String word : text.strip().split("[\\s,+]+|(?=-)")) {
            String name = word.toUpperCase(Locale.ROOT);
            if (name.equals("ALL")) {
                result = new ErrorSet(true, Set.of());
            } else if (name.matches("-?E[A-Z0-9]+")) {
                result = name.startsWith("-")
                        ? result.without(name.substring(1))
                        : result.or(new ErrorSet(false, Set.of(name)));
            } else if (!name.isEmpty()) {
                throw new IllegalArgumentException(word);
            }
        }
        return result;
    }

    private ErrorSet without(String name) {
        Set<String> result = new HashSet<>(names);
        if (allBut) {
            result.add(name);
        } else {
            result.remove(name);
        }
        return new ErrorSet(allBut, result);
    }
}
