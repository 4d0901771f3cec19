// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.rules;

/** A process, as results name it. */
record Who(String name, long pid, String container) {
    /** All processes of that name in that container are one to an operator, who looks for what to stop or move. */
    String kind() {
        return container.isEmpty() ? name : name + " in " + container;
    }

    @Override
    public String toString() {
        return name + " (" + pid + ")" + (container.isEmpty() ? "" : " in " + container);
    }
}
