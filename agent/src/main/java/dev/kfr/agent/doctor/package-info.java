// SPDX-License-Identifier: Apache-2.0
/** What this host, kernel, user and JVM allow: everything is tried, nothing is attached. */
package dev.kfr.agent.doctor;
