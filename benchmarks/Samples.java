// SPDX-License-Identifier: Apache-2.0
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * What was measured in one round after the other. Two of them are compared round by round, so that what disturbed a
 * whole round has little part in the ratio.
 */
record Samples(double[] values) {
    static final Samples NONE = new Samples(new double[] {Double.NaN});

    double median() {
        var sorted = sorted();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    double least() {
        return sorted()[0];
    }

    double most() {
        return sorted()[values.length - 1];
    }

    private double[] sorted() {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    Samples minus(Samples other) {
        return with(other, (a, b) -> a - b);
    }

    Samples over(Samples other) {
        return with(other, (a, b) -> a / b);
    }

    private Samples with(Samples other, DoubleBinaryOperator operator) {
        var result = new double[Math.min(values.length, other.values.length)];
        Arrays.setAll(result, i -> operator.applyAsDouble(values[i], other.values[i]));
        return new Samples(result);
    }

    /** The median and, in brackets, the least and the most. */
    @Override
    public String toString() {
        if (Double.isNaN(median())) {
            return "";
        }
        return Table.figure(median()) + " (" + Table.figure(least()) + " to " + Table.figure(most()) + ")";
    }
}
