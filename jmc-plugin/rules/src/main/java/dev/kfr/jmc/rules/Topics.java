// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

/**
 * The pages that show what rules are about: a result appears on the page that names the rule's topic. Never null, which
 * would stop Mission Control from opening any recording.
 */
final class Topics {
    static final String SYSCALLS = "dev.kfr.jmc.pages.syscalls";
    static final String FILES = "dev.kfr.jmc.pages.files";
    static final String PROCESSES = "dev.kfr.jmc.pages.processes";
    static final String CPU = "dev.kfr.jmc.pages.cpu";
    static final String MEMORY = "dev.kfr.jmc.pages.memory";
    static final String NETWORK = "dev.kfr.jmc.pages.network";
    static final String CONNECTIONS = "dev.kfr.jmc.pages.connections";
    static final String BLOCK = "dev.kfr.jmc.pages.block";
    static final String AGENT = "dev.kfr.jmc.pages.agent";
    static final String GC = "dev.kfr.jmc.pages.gc";

    private Topics() {}
}
