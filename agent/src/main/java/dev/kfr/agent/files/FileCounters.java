// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import dev.kfr.agent.record.EventCounters;

/** What the kernel side counts about files. */
public record FileCounters(FileTable table, EventCounters events) {}
