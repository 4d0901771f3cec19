// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/** Ctrl-C and other signals that ask a process to end: a command that runs on ends its work then, instead of dying. */
final class EndSignals implements AutoCloseable {
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    private final CountDownLatch asked = new CountDownLatch(1);
    private final List<Object> before = new ArrayList<>();

    EndSignals() {
        NAMES.forEach(name -> before.add(Signals.register(name, asked::countDown)));
    }

    /** Returns at once when the user has asked, otherwise after some time; says whether the user has asked. */
    boolean await(long millis) throws InterruptedException {
        return asked.await(millis, TimeUnit.MILLISECONDS);
    }

    /** A further signal does what it does without us. */
    @Override
    public void close() {
        for (int i = 0; i < before.size(); i++) {
            if (before.get(i) != null) {
                Signals.unregister(NAMES.get(i), before.get(i));
            }
        }
    }
}
