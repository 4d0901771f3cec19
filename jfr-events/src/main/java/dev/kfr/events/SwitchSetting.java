// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.Set;

/** A setting that is {@code true} or {@code false} and by default false; true if any recording says so. */
public abstract sealed class SwitchSetting extends KernelSetting permits WaitingSetting, ArgumentsSetting {
    private volatile String text = "false";
    private volatile String problem = "";

    SwitchSetting() {}

    /** Whether it is switched on. */
    public final boolean on() {
        return text.strip().equalsIgnoreCase("true");
    }

    @Override
    public final String combine(Set<String> texts) {
        return texts.stream()
                .filter(each -> each.strip().equalsIgnoreCase("true"))
                .findFirst()
                .orElseGet(() -> texts.iterator().next());
    }

    @Override
    public final void setValue(String text) {
        String word = text.strip();
        boolean valid = word.equalsIgnoreCase("true") || word.equalsIgnoreCase("false");
        problem = valid ? "" : "'" + text + "' is neither true nor false";
        this.text = text;
        SettingsChange.happened();
    }

    /** The text as it was given: with another, JFR might take the control for set when it is set back to its default. */
    @Override
    public final String getValue() {
        return text;
    }

    @Override
    public final String problem() {
        return problem;
    }

    @Override
    public final String instead() {
        return "false";
    }
}
