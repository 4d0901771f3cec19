// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** What a rule found, in words and in typed values. The words may name a value by its identifier in braces. */
final class Finding {
    private static final double NOT_APPLICABLE = -1;

    private final double score;
    private final String summary;
    private final String explanation;
    private final String solution;
    private final List<UnaryOperator<ResultBuilder>> values = new ArrayList<>();

    private Finding(double score, String summary, String explanation, String solution) {
        this.score = score;
        this.summary = summary;
        this.explanation = explanation;
        this.solution = solution;
    }

    /** The recording can't answer the rule's question. */
    static Finding notApplicable(String why) {
        return new Finding(NOT_APPLICABLE, why, null, null);
    }

    /** There is no problem, and this is what was looked at. */
    static Finding good(String sentence) {
        return good(0, sentence);
    }

    /** There is no problem; the score, which is below what is told, orders the good ones. */
    static Finding good(double score, String sentence) {
        return new Finding(Math.min(score, Math.nextDown(Curve.INFO)), sentence, null, null);
    }

    /**
     * There is a problem.
     *
     * @param score at least {@link Curve#INFO}
     * @param explanation what it is and why it hurts, for an operator
     * @param solution what to do about it
     */
    static Finding problem(double score, String summary, String explanation, String solution) {
        return new Finding(score, summary, explanation, solution);
    }

    <T> Finding with(TypedResult<T> result, T value) {
        values.add(builder -> builder.addResult(result, value));
        return this;
    }

    boolean isGood() {
        return score >= 0 && score < Curve.INFO;
    }

    IResult toResult(IRule rule, IPreferenceValueProvider preferences) {
        var builder = ResultBuilder.createFor(rule, preferences)
                .setSeverity(score == NOT_APPLICABLE ? Severity.NA : Severity.get(score))
                .setSummary(summary)
                .setExplanation(explanation)
                .setSolution(solution);
        if (score != NOT_APPLICABLE) {
            builder.addResult(TypedResult.SCORE, Typed.number(score));
        }
        for (var value : values) {
            builder = value.apply(builder);
        }
        return builder.build();
    }
}
