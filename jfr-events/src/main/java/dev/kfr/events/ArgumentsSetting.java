// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

/** Whether command lines are recorded; off by default because they may hold secrets. */
public final class ArgumentsSetting extends SwitchSetting {}
