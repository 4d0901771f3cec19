// SPDX-License-Identifier: Apache-2.0
/** The command {@code top}: what MBeans tell, as tables in a terminal or as JSON. */
package dev.kfr.agent.cli.top;
