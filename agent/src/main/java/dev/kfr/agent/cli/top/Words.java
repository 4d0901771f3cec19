// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli.top;

import java.util.Locale;

/** Names of attributes and columns as people read them. */
final class Words {
    private Words() {}

    /** {@code BytesRead} as {@code bytes read}; {@code p99} and what is in capitals stay. */
    static String of(String name) {
        var words = name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
        return words.replace("jvm", "JVM").replace("cpu", "CPU").replace("rtt", "RTT");
    }
}
