// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.terminal.impl.ffm.FfmTerminalProvider;
import org.jline.terminal.spi.SystemStream;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** The terminal while {@code top} has it: tables that are written anew in place, and keys. It is given back as it was. */
public final class Screen implements AutoCloseable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final List<View> VIEWS = List.of(View.values());
    private static final long SHORTEST_MILLIS = 250;
    private static final String KEYS = "q quit  Tab view  s sort  r reverse  t totals  +/- interval  h hold  ? keys";
    private static final List<String> HELP = List.of(
            "q, Ctrl-C      quit",
            "Tab, n, p      the next view, the one before",
            "1 to 9, a, b   a view: " + views(),
            "s, S           sort by the next column, by the one before",
            "r              the smallest first",
            "t              counters since counting began, or what they grow by in a second",
            "+, -           read more often, less often",
            "space          read now",
            "h              hold: nothing is read until h is pressed again",
            "?              these keys, or the tables again");

    private final Terminal terminal;
    private final Display display;
    private final Top top;
    private final Map<View, Order> orders = new EnumMap<>(View.class);
    private View view;
    private long intervalMillis;
    private boolean paused;
    private boolean help;
    private String problem = "";
    private volatile boolean quit;

    /**
     * Takes the terminal.
     *
     * @param totals what tables show at first
     * @throws IOException if standard input and output are no terminal
     */
    public Screen(Top top, View first, Duration interval, boolean totals) throws IOException {
        var type = System.getenv().getOrDefault("TERM", "dumb");
        var utf8 = StandardCharsets.UTF_8;
        this.terminal = new FfmTerminalProvider()
                .sysTerminal(
                        "kfr", type, false, utf8, utf8, utf8, true, SignalHandler.SIG_DFL, false, SystemStream.Output);
        this.display = new Display(terminal, true);
        this.top = top;
        this.view = first;
        this.intervalMillis = interval.toMillis();
        for (var each : VIEWS) {
            orders.put(each, new Order(each.sort(), false, totals));
        }
    }

    private static String views() {
        return Stream.of(View.values()).map(View::toString).collect(Collectors.joining(", "));
    }

    /** Shows what there is until the user wants no more. */
    public void run() throws IOException {
        var before = terminal.enterRawMode();
        terminal.handle(Signal.INT, signal -> quit = true);
        terminal.handle(Signal.WINCH, signal -> display.clear());
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.puts(Capability.keypad_xmit);
        terminal.flush();
        try {
            loop();
        } finally {
            terminal.puts(Capability.keypad_local);
            terminal.puts(Capability.cursor_visible);
            terminal.puts(Capability.exit_ca_mode);
            terminal.flush();
            terminal.setAttributes(before);
        }
    }

    private void loop() throws IOException {
        long next = System.nanoTime();
        while (!quit) {
            if (!paused && System.nanoTime() - next >= 0) {
                read();
                boolean begun = top.reading(view) == null || top.counts(view);
                next = System.nanoTime() + (begun ? intervalMillis : SHORTEST_MILLIS) * 1_000_000;
            }
            draw();
            long wait = paused ? intervalMillis : Math.max(1, (next - System.nanoTime()) / 1_000_000);
            int key = terminal.reader().read(Math.min(wait, SHORTEST_MILLIS));
            if (key != NonBlockingReader.READ_EXPIRED && pressed(key)) {
                next = System.nanoTime();
            }
        }
    }

    /** A JVM that ended is told of; what was seen last stays. */
    private void read() {
        try {
            top.read(view);
            problem = "";
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
    }

    /** @return whether there is to be read at once */
    private boolean pressed(int key) {
        switch (key) {
            case -1, 'q', 'Q', 3, 4 -> quit = true;
            case '\t', 'n' -> show(VIEWS.get((view.ordinal() + 1) % VIEWS.size()));
            case 'p' -> show(VIEWS.get((view.ordinal() + VIEWS.size() - 1) % VIEWS.size()));
            case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> show(VIEWS.get(key - '1'));
            case 'a' -> show(VIEWS.get(9));
            case 'b' -> show(VIEWS.get(10));
            case 's' -> sort(1);
            case 'S' -> sort(-1);
            case 'r' -> orders.compute(view, (each, order) -> order.reverse());
            case 't' -> orders.compute(view, (each, order) -> order.toggleTotals());
            case '+' -> intervalMillis = Math.max(SHORTEST_MILLIS, intervalMillis / 2);
            case '-' -> intervalMillis = Math.min(60_000, intervalMillis * 2);
            case 'h' -> paused = !paused;
            case '?' -> help = !help;
            default -> {
                return key == ' ';
            }
        }
        return List.of((int) '\t', (int) 'n', (int) 'p', (int) 'a', (int) 'b').contains(key)
                || key >= '1' && key <= '9';
    }

    private void show(View other) {
        view = other;
        help = false;
        top.forget(other); // what was read when it was last on the screen is old
    }

    /** Goes to the next column that any table of the view has. */
    private void sort(int step) {
        var columns = view.tables().stream()
                .flatMap(table -> table.columns().stream())
                .map(Column::name)
                .distinct()
                .toList();
        if (!columns.isEmpty()) {
            int at = columns.indexOf(orders.get(view).column());
            int next = Math.floorMod(at < 0 ? 0 : at + step, columns.size());
            orders.compute(view, (each, order) -> order.by(columns.get(next)));
        }
    }

    private void draw() {
        var size = terminal.getSize();
        int width = size.getColumns() > 0 ? size.getColumns() : 80;
        int height = size.getRows() > 0 ? size.getRows() : 24;
        display.resize(height, width);
        var lines = new ArrayList<AttributedString>();
        lines.add(bold(title(width)));
        lines.add(tabs());
        if (help) {
            HELP.forEach(line -> lines.add(new AttributedString(line)));
        } else if (top.reading(view) != null) {
            top.frame(view, orders.get(view))
                    .lines(width, height - lines.size() - 1)
                    .forEach(line -> lines.add(new AttributedString(line)));
        }
        while (lines.size() < height - 1) {
            lines.add(AttributedString.EMPTY);
        }
        var shown = new ArrayList<>(lines.subList(0, Math.max(0, height - 1)));
        var foot = problem.isEmpty() ? KEYS : problem;
        shown.add(new AttributedString(foot.substring(0, Math.min(foot.length(), width - 1)), AttributedStyle.INVERSE));
        display.update(shown, -1);
        terminal.flush();
    }

    private String title(int width) {
        var reading = top.reading(view);
        var title = top.source().name() + "  " + LocalTime.now().format(TIME)
                + "  every " + intervalMillis / 1000.0 + " s"
                + (paused ? "  HELD" : "")
                + (reading == null ? "" : top.since(view));
        return title.substring(0, Math.min(title.length(), width));
    }

    private AttributedString tabs() {
        var parts = new ArrayList<AttributedString>();
        for (var each : VIEWS) {
            parts.add(new AttributedString(
                    each.toString(), each == view ? AttributedStyle.INVERSE : AttributedStyle.DEFAULT));
        }
        return AttributedString.join(new AttributedString(" "), parts);
    }

    private static AttributedString bold(String text) {
        return new AttributedString(text, AttributedStyle.BOLD);
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
