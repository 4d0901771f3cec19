// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many events the kernel side lets pass: {@code off}, or a rate such as {@code 100/s} with the units of JFR's own throttle (ns, us,
 * ms, s, m, h, d). What is held back is counted in {@code kernel.EventLoss}. Several recordings get the highest rate.
 *
 * <p>A class for each default: JFR takes the constructor that reflection happens to name first, so there may be only one.
 */
public abstract sealed class ThrottleSetting extends KernelSetting {
    /** The rate of an event without throttle. */
    public static final double UNLIMITED = Double.POSITIVE_INFINITY;

    private static final String OFF = "off";
    private static final Pattern RATE = Pattern.compile("(\\d{1,18})\\s*/\\s*(ns|us|ms|s|m|h|d)");
    private static final Map<String, Double> SECONDS =
            Map.of("ns", 1e-9, "us", 1e-6, "ms", 1e-3, "s", 1.0, "m", 60.0, "h", 3600.0, "d", 86400.0);

    private final String defaultText;
    private volatile String text;
    private volatile double perSecond;
    private volatile String problem = "";

    private ThrottleSetting(String defaultText) {
        this.defaultText = defaultText;
        this.text = defaultText;
        this.perSecond = parse(defaultText);
    }

    /** For events that are rare, or have a threshold. */
    public static final class Unlimited extends ThrottleSetting {
        public Unlimited() {
            super(OFF);
        }
    }

    /** For events that programs cause in floods. */
    public static final class HundredPerSecond extends ThrottleSetting {
        public HundredPerSecond() {
            super("100/s");
        }
    }

    /** Events per second that may pass: {@link #UNLIMITED}, 0 for none, or what the rate comes to. */
    public double perSecond() {
        return perSecond;
    }

    @Override
    public String combine(Set<String> texts) {
        String highest = null;
        for (String each : texts) {
            if (!Double.isNaN(parse(each)) && (highest == null || parse(each) > parse(highest))) {
                highest = each;
            }
        }
        return highest == null ? texts.iterator().next() : highest;
    }

    @Override
    public void setValue(String text) {
        double rate = parse(text);
        boolean valid = !Double.isNaN(rate);
        problem = valid ? "" : "throttle=" + text + " is no rate (valid: off, or such as 100/s)";
        this.text = text;
        this.perSecond = valid ? rate : parse(defaultText);
        SettingsChange.happened();
    }

    /** The text as it was given: with another, JFR might take the control for set when it is set back to its default. */
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
        return defaultText;
    }

    private static double parse(String text) {
        if (text.strip().equals(OFF)) {
            return UNLIMITED;
        }
        Matcher rate = RATE.matcher(text.strip());
        return rate.matches() ? Long.parseLong(rate.group(1)) / SECONDS.get(rate.group(2)) : Double.NaN;
    }
}
