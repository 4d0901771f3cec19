// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import java.util.List;

/** Modules of the JDK that a command can't do without: those that run services are linked with what the services need. */
final class RequiredModules {
    private RequiredModules() {}

    /** @throws CommandFailure that names what is absent */
    static void present(String... modules) {
        var absent = List.of(modules).stream()
                .filter(name -> ModuleLayer.boot().findModule(name).isEmpty())
                .toList();
        if (!absent.isEmpty()) {
            throw new CommandFailure("this Java runtime (" + System.getProperty("java.home") + ") has no module "
                    + String.join(", ", absent) + ": use a JDK's java for this command");
        }
    }
}
