// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

/**
 * How a view's tables are shown.
 *
 * @param column by which rows are sorted; tables that don't have it keep the order that the agent gave them
 * @param reversed the smallest first
 * @param totals counters since counting began, in place of what they grow by in a second
 */
record Order(String column, boolean reversed, boolean totals) {
    Order by(String other) {
        return new Order(other, false, totals);
    }

    Order reverse() {
        return new Order(column, !reversed, totals);
    }

    Order toggleTotals() {
        return new Order(column, reversed, !totals);
    }
}
