// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which errors are recorded: names such as {@code ENOENT EACCES}, or {@code all -EAGAIN -EINTR}; separated by blanks, commas or plus
 * signs. Several recordings get all that any of them names.
 */
public final class ErrorsSetting extends KernelSetting {
    /** All errors but those that are part of normal operation. */
    private static final String DEFAULT = "all -EAGAIN -EINTR -ETIMEDOUT -EINPROGRESS -ENOENT";

    /** Joins the texts of several recordings. */
    private static final String UNION = " | ";

    private volatile String text = DEFAULT;
    private volatile ErrorSet errors = ErrorSet.parse(DEFAULT);
    private volatile String problem = "";

    /** The errors to record. */
    public ErrorSet errors() {
        return errors;
    }

    @Override
    public String combine(Set<String> texts) {
        return String.join(UNION, new TreeSet<>(texts));
    }

    @Override
    public void setValue(String text) {
        problem = "";
        ErrorSet union = null;
        for (String part : text.split("\\|")) {
            ErrorSet one = parse(part);
            union = union == null ? one : union.or(one);
        }
        this.errors = union;
        this.text = text;
        SettingsChange.happened();
    }

    @Override
    public String getValue() {
        return text;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public String instead() {
        return DEFAULT;
    }

    private ErrorSet parse(String part) {
        try {
            return ErrorSet.parse(part);
        } catch (IllegalArgumentException unknown) {
            problem = "errors=" + part.strip() + " has the unknown name '" + unknown.getMessage()
                    + "' (valid: names such as ENOENT, or all -EAGAIN -EINTR)";
            return ErrorSet.parse(DEFAULT);
        }
    }
}
