// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whose activity an event is about: {@code host}, {@code container}, {@code jvm}, or {@code default}, which is the agent's option.
 * Several recordings get the widest of what they ask for.
 *
 * <p>JFR calls a control only if the text to set differs from the control's value. The default text is {@code default}, the value
 * is always one of the other three: so each change of any recording calls this control, whether or not it names the scope. That
 * is how a change in a running recording becomes known, of which JFR's listeners hear nothing.
 */
public final class ScopeSetting extends KernelSetting {
    private static final String DEFAULT = "default";
    private static volatile Scope defaultScope = Scope.HOST;

    private volatile String text = DEFAULT;
    private volatile Scope scope;
    private volatile String problem = "";

    /** Sets what {@code default} means, for all events from now on. */
    public static void defaultScope(Scope scope) {
        defaultScope = scope;
        SettingsChange.happened();
    }

    /** The scope that is to be applied. */
    public Scope scope() {
        Scope widest = null;
        for (String word : text.split(",")) {
            Scope one = parse(word);
            widest = widest == null ? one : widest.or(one);
        }
        return widest;
    }

    /** Joins what the recordings ask for: what {@code default} means may change after JFR has merged them. */
    @Override
    public String combine(Set<String> texts) {
        return String.join(",", new TreeSet<>(texts));
    }

    @Override
    public void setValue(String text) {
        problem = "";
        this.text = text;
        scope = scope();
        SettingsChange.happened();
    }

    /** The scope in lower case; before JFR has set any, the default text. */
    @Override
    public String getValue() {
        return scope == null ? DEFAULT : scope.toString();
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public String instead() {
        return DEFAULT;
    }

    private Scope parse(String word) {
        String name = word.strip().toUpperCase(Locale.ROOT);
        if (!name.equals("DEFAULT")) {
            try {
                return Scope.valueOf(name);
            } catch (IllegalArgumentException unknown) {
                problem = "scope=" + word.strip() + " is unknown (valid: default, host, container, jvm)";
            }
        }
        return defaultScope;
    }
}
