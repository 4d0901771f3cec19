// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IResultValueProvider;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit.EventAvailability;

/**
 * A rule as it is written here: a description, and one method that looks at a recording. Without state, so that one
 * instance serves any number of recordings at once. What Mission Control wants beyond that is here, once.
 */
interface KernelRule extends IRule {
    Description description();

    /** Called only if each of the rule's events was enabled. */
    Finding examine(Recorded recorded, IPreferenceValueProvider preferences);

    @Override
    default RunnableFuture<IResult> createEvaluation(
            IItemCollection items, IPreferenceValueProvider preferences, IResultValueProvider others) {
        return new FutureTask<>(() -> evaluate(items, preferences).toResult(this, preferences));
    }

    private Finding evaluate(IItemCollection items, IPreferenceValueProvider preferences) {
        var recorded = new Recorded(items);
        if (!description().events().stream().allMatch(recorded::enabled)) {
            return Finding.notApplicable(
                    "Not recorded: " + String.join(", ", description().events()) + ".");
        }
        var finding = examine(recorded, preferences);
        return finding.isGood() && saysNothing(recorded)
                ? Finding.notApplicable("Nothing was recorded about this, and these probes could not be attached: "
                        + String.join(", ", recorded.failedProbes()) + ".")
                : finding;
    }

    /** No event need not mean that nothing happened, if a probe is missing. */
    private boolean saysNothing(Recorded recorded) {
        return !description().events().isEmpty()
                && description().events().stream().noneMatch(recorded::has)
                && !recorded.failedProbes().isEmpty();
    }

    @Override
    default String getId() {
        return description().id();
    }

    @Override
    default String getName() {
        return description().name();
    }

    @Override
    default String getTopic() {
        return description().topic();
    }

    @Override
    default Map<String, EventAvailability> getRequiredEvents() {
        return description().required();
    }

    @Override
    default Collection<TypedPreference<?>> getConfigurationAttributes() {
        return List.copyOf(description().preferences());
    }

    @Override
    default Collection<TypedResult<?>> getResults() {
        return description().results();
    }
}
