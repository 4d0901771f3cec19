// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

/**
 * From what was measured to a score of 0 to 100: 25, where Mission Control's <em>information</em> begins, at one limit,
 * 75, where <em>warning</em> begins, at the other, and straight in between; beyond, the score comes the closer to 100
 * the more often the limit fits into the value. Both limits are met exactly: an operator who sets 100 ms gets a result
 * at 100 ms.
 *
 * @param info from here on it is worth telling
 * @param warning from here on it is worth acting; taken as {@code info} too if it is less than that
 */
record Curve(double info, double warning) {
    static final double INFO = 25;
    static final double WARNING = 75;
    private static final double ROUNDING = 1e-9;

    double score(double value) {
        if (!(value > 0)) {
            return 0;
        }
        if (reaches(value, warning)) {
            return 100 - (100 - WARNING) * Math.min(1, Math.max(0, warning) / value);
        }
        if (reaches(value, info)) {
            return Math.max(INFO, INFO + (WARNING - INFO) * (value - info) / (warning - info));
        }
        return INFO * value / info;
    }

    /** A sum of parts may miss the limit by what their rounding cost. */
    private static boolean reaches(double value, double limit) {
        return value >= limit * (1 - ROUNDING);
    }
}
