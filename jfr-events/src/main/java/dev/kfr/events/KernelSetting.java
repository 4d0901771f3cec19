// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

import jdk.jfr.SettingControl;

/**
 * A setting of an event beside those that JFR itself has. JFR makes one control for each event type that has the setting, and
 * calls it under a lock of its own whenever the settings of the running recordings change; any thread may read it.
 */
public abstract sealed class KernelSetting extends SettingControl
        permits ScopeSetting, ThrottleSetting, ErrorsSetting, SwitchSetting {
    /** What is wrong with the text that was given, and what would be right, for the operator; empty if nothing is. */
    public abstract String problem();

    /** As what a text is taken that has a problem. */
    public abstract String instead();
}
