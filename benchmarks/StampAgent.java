// SPDX-License-Identifier: Apache-2.0
import java.lang.instrument.Instrumentation;

/** An agent that does nothing but take the time: given before and after another, it says how long that one's premain took. */
public final class StampAgent {
    private static long before;

    private StampAgent() {}

    public static void premain(String argument, Instrumentation instrumentation) {
        if (argument.equals("before")) {
            before = System.nanoTime();
        } else {
            long took = System.nanoTime() - before;
            System.out.println("premain ".concat(Long.toString(took)));
        }
    }
}
