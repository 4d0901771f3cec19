// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.control;

import dev.kfr.agent.Remedy;
import dev.kfr.agent.control.ProbeStatusRow.State;
import dev.kfr.bpf.BpfCollection;
import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfLink;
import dev.kfr.bpf.BpfProgram;
import dev.kfr.bpf.ProgramInfo;
import java.util.List;
import java.util.StringJoiner;

/**
 * One hook and the variant of it that runs. Changed by the control thread only; {@link #status()} is for all.
 */
final class Probe {
    private final Hook hook;
    private final List<String> order;
    private volatile BpfProgram program;
    private volatile BpfLink link;
    private volatile long skippedByOthers;
    private boolean escapeTried;
    private volatile ProbeStatusRow status;

    /**
     * @param classicFirst whether the kernel is one that skips runs of programs on raw tracepoints while the same program is
     *     active on that CPU, so that the classic tracepoint comes first
     */
    Probe(Hook hook, boolean classicFirst) {
        this.hook = hook;
        this.order = hook.order(classicFirst);
        this.status = row(State.DETACHED, "", "", 0);
    }

    Hook hook() {
        return hook;
    }

    ProbeStatusRow status() {
        return status;
    }

    boolean attached() {
        return link != null;
    }

    /** What keeps the program attached; null if none is. */
    BpfLink link() {
        return link;
    }

    /** Loads and attaches the first variant that this kernel takes. Does nothing if one is attached. */
    void attach(BpfCollection collection) {
        if (link == null) {
            attachFirst(collection, order, new StringJoiner("; "));
        }
    }

    /**
     * Moves to the classic tracepoint if the kernel left runs out of the variant that is attached. Tried once: where it can't be had (tracefs is
     * not mounted, say) what is skipped is counted.
     *
     * @return whether the variant, or what there is to say about it, changed
     */
    boolean escapeSkippedRuns(BpfCollection collection) {
        var classic =
                hook.variants().stream().filter(v -> v.endsWith(Hook.CLASSIC)).findAny();
        if (link == null || escapeTried || classic.isEmpty() || status.variant().equals(classic.get())) {
            return false;
        }
        long skipped = program.info().recursionMisses();
        if (skipped == 0) {
            return false;
        }
        escapeTried = true;
        move(collection, classic.get(), "the kernel skipped " + skipped + " runs of " + status.variant());
        return true;
    }

    /** While both were attached each run would count twice, so the old one goes first, and as late as possible. */
    private void move(BpfCollection collection, String variant, String reason) {
        BpfProgram exact = null;
        try {
            exact = collection.load(variant);
            link.close();
            link = hook.attach(exact);
        } catch (BpfException e) {
            var why = reason + "; " + variant + ": " + e.getMessage();
            if (exact != null) {
                exact.close();
                attachAgain(why);
            } else {
                status = row(State.ATTACHED, status.variant(), why, program.id());
            }
            return;
        }
        skippedByOthers = skippedByOthers + program.info().recursionMisses();
        program.close();
        program = exact;
        status = row(State.ATTACHED, variant, reason, exact.id());
    }

    private void attachAgain(String why) {
        try {
            link = hook.attach(program);
            status = row(State.ATTACHED, status.variant(), why, program.id());
        } catch (BpfException e) {
            skippedByOthers = skipped();
            program.close();
            program = null;
            link = null;
            fail(why + "; " + status.variant() + ": " + e.getMessage() + ". " + Remedy.advice(e));
        }
    }

    /** What it needs can't be had. */
    void fail(String message) {
        status = row(State.FAILED, "", message, 0);
    }

    private boolean attachFirst(BpfCollection collection, List<String> variants, StringJoiner reasons) {
        BpfException last = null;
        for (var variant : variants) {
            BpfProgram loaded = null;
            try {
                loaded = collection.load(variant);
                link = hook.attach(loaded);
                program = loaded;
                status = row(State.ATTACHED, variant, reasons.toString(), loaded.id());
                return true;
            } catch (BpfException e) {
                reasons.add(variant + ": " + e.getMessage());
                last = e;
                if (loaded != null) {
                    loaded.close();
                }
                if (e.reason() == BpfException.Reason.NO_SPACE) {
                    break; // the other variants need as much
                }
            }
        }
        link = null;
        program = null;
        fail(reasons + ". " + (last == null ? "" : Remedy.advice(last)));
        return false;
    }

    /** Takes the program out of the kernel. Does nothing if there is none. */
    void detach() {
        try {
            if (link != null) {
                link.close();
                skippedByOthers = skippedByOthers + program.info().recursionMisses();
            }
        } finally {
            if (program != null) {
                program.close();
            }
            link = null;
            program = null;
            status = row(State.DETACHED, "", "", 0);
        }
    }

    /**
     * What the kernel says of the program that runs; null if none does. For any thread: while the probe is being detached it may fail with
     * {@link IllegalStateException}.
     */
    ProgramInfo info() {
        var running = program;
        return running == null ? null : running.info();
    }

    /** Runs that the kernel left out since the probe was first attached. */
    long skipped() {
        long others = skippedByOthers;
        try {
            var info = info();
            return others + (info == null ? 0 : info.recursionMisses());
        } catch (BpfException | IllegalStateException detached) {
            return skippedByOthers;
        }
    }

    private ProbeStatusRow row(State state, String variant, String message, int programId) {
        return new ProbeStatusRow(hook.name(), hook.object(), state, variant, message, programId);
    }
}
