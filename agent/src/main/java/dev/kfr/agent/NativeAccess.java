// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent;

/**
 * Lets this module call native code without the JDK's warning, if the operator has not forbidden it.
 *
 * <p>Works only inside the agent's own module, to which the boot class has opened {@code java.lang}.
 */
public final class NativeAccess {
    private NativeAccess() {}

    /**
     * Grants native access to this class's module.
     *
     * @return false if the JVM runs with {@code --illegal-native-access=deny}: then nothing was changed
     * @throws ReflectiveOperationException if this JDK works otherwise; {@code --enable-native-access} remains
     */
    public static boolean grant() throws ReflectiveOperationException {
        var policy = Class.forName("jdk.internal.module.ModuleBootstrap")
                .getMethod("illegalNativeAccess")
                .invoke(null);
        if (policy.toString().equals("DENY")) {
            return false;
        }
        var grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
        grant.setAccessible(true);
        grant.invoke(NativeAccess.class.getModule());
        return true;
    }
}
