// SPDX-License-Identifier: Apache-2.0
/**
 * How recordings are looked at in JDK Mission Control. Empty for now: pages, rules and the parser fragment come here, as bundles of their
 * own, so that one can't take the others down.
 */
package dev.kfr.jmc;
