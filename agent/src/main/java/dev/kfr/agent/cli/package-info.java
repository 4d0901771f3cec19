// SPDX-License-Identifier: Apache-2.0
/** The command line: {@code java -jar kfr.jar}. */
package dev.kfr.agent.cli;
