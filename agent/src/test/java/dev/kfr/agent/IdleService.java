// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

import java.io.IOException;

/** A service that says {@code ready} and runs until its standard input ends. Java 8, so that old JVMs run it too. */
public final class IdleService {
    private IdleService() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // Nothing to do but to be there.
        }
    }
}
