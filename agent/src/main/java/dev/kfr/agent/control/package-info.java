// SPDX-License-Identifier: Apache-2.0
/** What the running recordings ask for, and what follows from it for the kernel. */
package dev.kfr.agent.control;
