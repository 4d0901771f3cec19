// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

/** A command that could not do its work; the message is the whole explanation for the user. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandFailure(String message) {
        super(message);
    }

    CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
