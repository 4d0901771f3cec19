// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the MBeans of a JVM again and again, and has what came last at hand for each view. */
public final class Top {
    private static final int WIDE = 10_000;

    private final Source source;
    private final Map<View, Reading> now = new EnumMap<>(View.class);
    private final Map<View, Reading> before = new EnumMap<>(View.class);

    public Top(Source source) {
        this.source = source;
    }

    Source source() {
        return source;
    }

    /**
     * Reads a view anew.
     *
     * @throws IOException if the JVM can't be reached any more
     */
    public void read(View view) throws IOException {
        var reading = Reading.of(source.connection(), view, source.ofService());
        var last = now.put(view, reading);
        // Counting that began anew has nothing to do with what was counted before.
        if (last != null && last.since() != null && last.since().equals(reading.since())) {
            before.put(view, last);
        } else {
            before.remove(view);
        }
    }

    /** The first of a view is that of the time when counting begins: nothing is known of what was before. */
    void forget(View view) {
        now.remove(view);
        before.remove(view);
    }

    /** Whether the counters behind a view run, as far as it is known. */
    public boolean counts(View view) {
        return now.get(view).since() != null;
    }

    Reading reading(View view) {
        return now.get(view);
    }

    Frame frame(View view, Order order) {
        return new Frame(view, now.get(view), before.get(view), order);
    }

    /**
     * A view as text, with all rows.
     *
     * @param totals since counting began, in place of what there was each second between the last two readings
     */
    public List<String> text(View view, boolean totals) {
        var lines = new ArrayList<String>();
        lines.add(view + " of " + source.name() + since(view));
        lines.addAll(frame(view, new Order(view.sort(), false, totals)).lines(WIDE, WIDE));
        return lines;
    }

    String since(View view) {
        var since = now.get(view).since();
        return since == null ? ", counting has not begun" : ", counted since " + since;
    }

    /** All that was read last, for scripts: totals since counting began. */
    public Map<String, Object> json(List<View> views) {
        var all = new LinkedHashMap<String, Object>();
        all.put("time", Instant.now());
        all.put("source", source.name());
        for (var view : views) {
            var reading = now.get(view);
            var fields = new LinkedHashMap<String, Object>();
            fields.put("countingSince", reading.since());
            fields.putAll(reading.values());
            all.put(view.toString(), fields);
        }
        return all;
    }
}
