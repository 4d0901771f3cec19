// SPDX-License-Identifier: Apache-2.0
/** What the JVM finds on the service's class path: just enough to put the agent into a module layer of its own. */
package dev.kfr.boot;
