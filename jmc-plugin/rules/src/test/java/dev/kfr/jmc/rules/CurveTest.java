// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class CurveTest {
    private final Curve curve = new Curve(0.1, 0.3);

    @Test
    void meetsBothLimitsExactly() {
        assertEquals(Severity.INFO, Severity.get(curve.score(0.1)));
        assertEquals(Severity.OK, Severity.get(curve.score(0.0999999)));
        assertEquals(Severity.WARNING, Severity.get(curve.score(0.3)));
        assertEquals(Severity.INFO, Severity.get(curve.score(0.2999999)));
    }

    @Test
    void aSumOfPartsReachesALimitThatItsWholeReaches() {
        double sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += 0.01;
        }
        assertTrue(sum < 0.1, "sum " + sum);
        assertEquals(Severity.INFO, Severity.get(curve.score(sum)));
    }

    @Test
    void risesWithTheValueAndStaysBelowHundred() {
        double last = -1;
        for (double value = 0; value < 100; value += 0.01) {
            double score = curve.score(value);
            assertTrue(score >= last && score < 100, value + " gives " + score + " after " + last);
            last = score;
        }
        assertEquals(100, curve.score(Double.POSITIVE_INFINITY));
    }

    @Test
    void toleratesLimitsThatMakeNoSense() {
        assertEquals(0, new Curve(5, 1).score(0));
        assertEquals(Severity.WARNING, Severity.get(new Curve(5, 1).score(1)));
        assertEquals(Severity.WARNING, Severity.get(new Curve(0, 0).score(0.001)));
        assertEquals(0, curve.score(Double.NaN));
    }
}
