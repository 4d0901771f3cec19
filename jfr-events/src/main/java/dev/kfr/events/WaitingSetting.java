// SPDX-License-Identifier: Apache-2.0
package dev.kfr.events;

/** Whether calls that wait by design ({@code futex}, {@code epoll_wait}, {@code nanosleep}, ...) are recorded too. */
public final class WaitingSetting extends SwitchSetting {}
