// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.ResultToolkit;
import org.openjdk.jmc.flightrecorder.rules.RuleRegistry;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** What our rules say about a recording, evaluated as Mission Control does it. */
final class Verdicts {
    private final Map<Class<?>, IResult> results;

    private Verdicts(Map<Class<?>, IResult> results) {
        this.results = results;
    }

    /** All our rules, found as Mission Control finds them. */
    static List<IRule> rules() {
        return RuleRegistry.getRules().stream()
                .filter(rule -> rule instanceof KernelRule)
                .toList();
    }

    static Verdicts about(IItemCollection items) throws Exception {
        return about(items, IPreferenceValueProvider.DEFAULT_VALUES);
    }

    /** With one preference changed. */
    static <T> Verdicts about(IItemCollection items, TypedPreference<T> preference, T value) throws Exception {
        return about(items, new IPreferenceValueProvider() {
            @Override
            @SuppressWarnings("unchecked")
            public <V> V getPreferenceValue(TypedPreference<V> asked) {
                return asked.equals(preference) ? (V) value : asked.getDefaultValue();
            }
        });
    }

    private static Verdicts about(IItemCollection items, IPreferenceValueProvider preferences) throws Exception {
        var results = new HashMap<Class<?>, IResult>();
        Map<IRule, Future<IResult>> futures = RulesToolkit.evaluateParallel(rules(), items, preferences, 2);
        for (var future : futures.entrySet()) {
            results.put(future.getKey().getClass(), future.getValue().get(60, TimeUnit.SECONDS));
        }
        return new Verdicts(results);
    }

    IResult of(Class<? extends IRule> rule) {
        return results.get(rule);
    }

    Collection<IResult> all() {
        return results.values();
    }

    <T> T value(Class<? extends IRule> rule, TypedResult<T> value) {
        return of(rule).getResult(value);
    }

    /** The rule found a problem of this severity, and its summary contains the text. */
    Verdicts found(Class<? extends IRule> rule, Severity severity, String text) {
        var result = of(rule);
        assertEquals(severity, result.getSeverity(), () -> describe(result));
        assertTrue(summary(result).contains(text), () -> "no '" + text + "' in " + describe(result));
        return this;
    }

    /** The rule found that all is well. */
    Verdicts good(Class<? extends IRule> rule) {
        var result = of(rule);
        assertEquals(Severity.OK, result.getSeverity(), () -> describe(result));
        assertFalse(summary(result).isBlank());
        return this;
    }

    /** The rule said that the recording can't tell. */
    Verdicts notApplicable(Class<? extends IRule> rule) {
        assertEquals(Severity.NA, of(rule).getSeverity(), () -> describe(of(rule)));
        return this;
    }

    /** No rule found any problem, except those named. */
    Verdicts nothingBut(Collection<Class<? extends IRule>> allowed) {
        var found = results.values().stream()
                .filter(result -> result.getSeverity().getLimit() >= Severity.INFO.getLimit())
                .filter(result -> !allowed.contains(result.getRule().getClass()))
                .map(Verdicts::describe)
                .collect(Collectors.joining("\n"));
        assertEquals("", found);
        return this;
    }

    static String summary(IResult result) {
        return ResultToolkit.populateMessage(result, result.getSummary(), false);
    }

    /** All of a result as a reader sees it. */
    static String describe(IResult result) {
        return result.getRule().getName() + ": " + result.getSeverity() + " " + result.getResult(TypedResult.SCORE)
                + "\n  " + summary(result)
                + "\n  " + ResultToolkit.populateMessage(result, result.getExplanation(), false)
                + "\n  " + ResultToolkit.populateMessage(result, result.getSolution(), false);
    }
}
